// Keeps the newest words in sight, but only for a reader who is at the bottom.

const NEAR = 60; // pixels

export class Follower {
  constructor(scroller, button) {
    this.scroller = scroller;
    this.button = button;
    this.isFollowing = true;
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    button.addEventListener("click", () => this.toEnd(true));
    // Growing text, opening folds and loading pictures all change the height.
    new ResizeObserver(() => this.grown()).observe(scroller.querySelector("#log"));
    new ResizeObserver(() => this.grown()).observe(scroller);
  }

  look() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.isFollowing = scrollHeight - scrollTop - clientHeight < NEAR;
    this.button.hidden = this.isFollowing;
  }

  grown() {
    if (this.isFollowing) this.scroller.scrollTop = this.scroller.scrollHeight;
    else this.look();
  }

  toEnd(isSmooth = false) {
    this.isFollowing = true;
    this.button.hidden = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.scroller.scrollHeight, behavior: isSmooth && !calm ? "smooth" : "instant" });
  }
}
