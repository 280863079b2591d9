// One answer of the bot's: its place in line, its thinking, its words, pictures and buttons.
import { copyButton, h, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";
import { thumbnail } from "./lightbox.js";
import { MarkdownView } from "./markdown.js";

const NOTICES = { stopped: "stopped", failed: "failed", refused: "refused" };

export class AnswerView {
  constructor(state, { onAction, onFinal }) {
    this.onAction = onAction;
    this.onFinal = onFinal;
    this.wasFinal = state.is_final; // an answer that was there already is not read out
    this.pill = h("div", { class: "pill", hidden: true });
    this.thoughts = h("div", { class: "thoughts md" });
    this.summary = h("span", {});
    this.fold = h("details", { class: "thinking", hidden: true }, h("summary", {}, icon("chevron"), this.summary), this.thoughts);
    this.words = h("div", { class: "md words" });
    this.gallery = h("div", { class: "gallery" });
    this.notice = h("p", { class: "notice", hidden: true });
    this.actions = h("div", { class: "actions" });
    this.heading = h("h2", { class: "unseen" }, t("bot"));
    this.element = h("article", { class: "message answer", "data-id": state.id },
      this.heading, icon("mark", "mark"),
      h("div", { class: "body" }, this.pill, this.fold, this.words, this.gallery, this.notice, this.actions));
    this.markdown = new MarkdownView(this.words);
    this.thinking = new MarkdownView(this.thoughts);
    this.fold.addEventListener("toggle", () => this.drawThoughts());
    this.frame = null;
    this.liked = null;
    this.update(state);
  }

  get isRunning() {
    return !this.state.is_final;
  }

  get canStop() {
    return this.isRunning && this.state.buttons.includes("stop");
  }

  update(state) {
    this.state = state;
    this.measureThinking();
    // Several states may come within one frame of the screen; only the last is drawn.
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  redraw() {
    this.heading.textContent = t("bot");
    this.drawnActions = null;
    this.draw();
  }

  measureThinking() {
    const { reasoning, markdown, is_final: isFinal } = this.state;
    if (reasoning && !markdown && !isFinal) this.thinkingSince ??= performance.now();
    if (!this.thinkingSince) return;
    if (markdown || isFinal) {
      this.thoughtSeconds ??= Math.max(1, Math.round((performance.now() - this.thinkingSince) / 1000));
      clearInterval(this.ticker);
    } else {
      this.ticker ??= setInterval(() => this.drawThinkingLabel(), 1000);
    }
  }

  draw() {
    const { state } = this;
    this.element.classList.toggle("running", this.isRunning);
    this.element.setAttribute("aria-busy", String(this.isRunning));
    this.words.classList.toggle("streaming", this.isRunning && Boolean(state.markdown));
    this.drawPill();
    this.fold.hidden = !state.reasoning;
    this.drawThinkingLabel();
    this.drawThoughts();
    this.markdown.update(state.markdown, state.is_final);
    this.drawPictures();
    this.drawNotice();
    this.drawActions();
    if (state.is_final && !this.wasFinal) this.onFinal(this);
    this.wasFinal = state.is_final;
  }

  drawPill() {
    const { place, place_seconds: seconds, markdown, reasoning } = this.state;
    const waits = this.isRunning && place >= 1;
    const works = this.isRunning && !waits && !markdown && !reasoning;
    this.pill.hidden = !(waits || works);
    this.pill.classList.toggle("waiting", waits);
    if (waits) {
      const text = seconds ? `${t("inLine", place)} · ${t("about", seconds)}` : t("inLine", place);
      this.pill.replaceChildren(h("span", { class: "queue", "aria-hidden": "true" }, h("i"), h("i"), h("i")), h("span", {}, text));
    } else if (works) {
      this.pill.replaceChildren(h("span", { class: "spark", "aria-hidden": "true" }), h("span", { class: "shimmer" }, t("working")));
    }
  }

  drawThinkingLabel() {
    const { reasoning, markdown } = this.state;
    if (!reasoning) return;
    const isLive = this.isRunning && !markdown;
    const elapsed = this.thinkingSince ? Math.round((performance.now() - this.thinkingSince) / 1000) : 0;
    this.summary.textContent = isLive ? t("thinking", elapsed) : t("thought", this.thoughtSeconds);
    this.summary.classList.toggle("shimmer", isLive);
  }

  drawThoughts() {
    if (this.fold.open) this.thinking.update(this.state.reasoning, Boolean(this.state.markdown) || this.state.is_final);
  }

  drawPictures() {
    const { images } = this.state;
    const drawn = JSON.stringify(images);
    if (drawn === this.drawnPictures) return;
    this.drawnPictures = drawn;
    this.gallery.replaceChildren(...images
      // Only what our own server keeps; anything else would tell a stranger who reads.
      .filter(({ url }) => url.startsWith("/api/files/"))
      .map(({ url, alt, width, height }) => thumbnail(url, alt, { width, height })));
  }

  drawNotice() {
    const { outcome, notice, is_final: isFinal } = this.state;
    const kind = isFinal ? NOTICES[outcome] : undefined;
    const text = notice || (kind ? t(kind) : "");
    this.notice.hidden = !text;
    this.notice.className = `notice ${kind ?? ""}`;
    this.notice.replaceChildren(kind && kind !== "stopped" ? icon("alert") : "", h("span", {}, text));
  }

  drawActions() {
    const { buttons, model, is_final: isFinal, markdown, created_at: createdAt } = this.state;
    const wanted = JSON.stringify([buttons, model, isFinal, Boolean(markdown), this.liked]);
    if (wanted === this.drawnActions) return;
    this.drawnActions = wanted;
    const had = this.actions.contains(document.activeElement) ? document.activeElement.dataset.action : null;
    const parts = [];
    if (isFinal && markdown) parts.push(copyButton(t("copyAnswer"), t("copied"), () => this.state.markdown));
    if (buttons.includes("stop") && !isFinal) parts.push(this.stopButton());
    if (isFinal && buttons.includes("regenerate")) parts.push(this.button("again", "regenerate"));
    for (const feeling of ["like", "dislike"]) {
      if (isFinal && buttons.includes(feeling)) parts.push(this.button(feeling, feeling));
    }
    if (isFinal && model) parts.push(h("span", { class: "model", title: new Date(createdAt).toLocaleString() }, model));
    this.actions.replaceChildren(...parts);
    // A button that was drawn anew keeps the keyboard's focus.
    if (had) this.actions.querySelector(`[data-action="${had}"]`)?.focus();
  }

  stopButton() {
    return h("button", { type: "button", class: "stop", "data-action": "stop", onclick: () => this.press("stop") }, icon("stop"), t("stop"));
  }

  button(iconName, action) {
    const button = iconButton(iconName, t(action), () => this.press(action));
    button.dataset.action = action;
    if (action !== "regenerate") button.setAttribute("aria-pressed", String(this.liked === action));
    return button;
  }

  press(action) {
    if (action === "like" || action === "dislike") {
      this.liked = action;
      this.drawActions();
    }
    this.onAction(this, action);
  }

  dispose() {
    clearInterval(this.ticker);
    if (this.frame) cancelAnimationFrame(this.frame);
  }
}
