// Keeps the newest words in sight, but only for a reader who is at the bottom.

const NEAR = 60; // pixels

export class Follower {
  constructor(scroller, button) {
    this.scroller = scroller;
    this.button = button;
    this.log = scroller.querySelector("#log");
    this.isFollowing = true;
    scroller.addEventListener("scroll", () => this.look(), { passive: true });
    button.addEventListener("click", () => this.toEnd(true));
    // Growing text, opening folds and loading pictures all change the height.
    new ResizeObserver(() => this.grown()).observe(this.log);
    new ResizeObserver(() => this.grown()).observe(scroller);
  }

  // An empty chat is read from its top.
  get end() {
    return this.log.querySelector("article") ? this.scroller.scrollHeight : 0;
  }

  look() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.isFollowing = scrollHeight - scrollTop - clientHeight < NEAR;
    this.button.hidden = this.isFollowing || this.end === 0;
  }

  grown() {
    if (this.isFollowing) this.scroller.scrollTop = this.end;
    else this.look();
  }

  toEnd(isSmooth = false) {
    this.isFollowing = true;
    this.button.hidden = true;
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: this.end, behavior: isSmooth && !calm ? "smooth" : "instant" });
  }
}
