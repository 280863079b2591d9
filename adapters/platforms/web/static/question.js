// One message of a person's: plain text, files, and whether it was sent.
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { thumbnail } from "./lightbox.js";

const PATIENCE = 15_000; // milliseconds until a message that nobody confirmed counts as not sent
const PICTURES = new Set(["image/png", "image/jpeg", "image/webp", "image/gif"]);

function sizeOf(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function fileChip(file, ...more) {
  return h("span", { class: "chip" }, icon("file"), h("span", { class: "name" }, file.name), h("small", {}, sizeOf(file.size)), ...more);
}

function drawFile(file) {
  if (file.url && PICTURES.has(file.media_type)) return thumbnail(file.url, file.name, { className: "shown small" });
  if (!file.url) return fileChip(file, h("small", { class: "warn" }, t("tooLarge")));
  return h("a", { href: file.url, download: file.name, "aria-label": t("openFile", file.name) }, fileChip(file));
}

export class QuestionView {
  constructor(state, { onRetry }) {
    this.onRetry = onRetry;
    this.heading = h("h2", { class: "unseen" }, t("you"));
    this.files = h("div", { class: "files" });
    this.text = h("div", { class: "bubble", dir: "auto" });
    this.status = h("div", { class: "sent", role: "status" });
    this.element = h("article", { class: "message question", "data-id": state.id }, this.heading, this.files, this.text, this.status);
    this.delivery = null; // what this page knows of its own sending: {progress} or {failed}
    this.update(state);
  }

  update(state) {
    this.state = state;
    if (state.is_final) this.delivery = null;
    clearTimeout(this.doubt);
    if (!state.is_final) this.doubt = setTimeout(() => this.drawStatus(), PATIENCE + 500);
    this.draw();
  }

  deliver(delivery) {
    this.delivery = delivery;
    this.drawStatus();
  }

  redraw() {
    this.heading.textContent = t("you");
    this.drawnFiles = null;
    this.draw();
  }

  draw() {
    this.text.textContent = this.state.markdown;
    this.text.hidden = !this.state.markdown;
    const drawn = JSON.stringify(this.state.files);
    if (drawn !== this.drawnFiles) {
      this.drawnFiles = drawn;
      this.files.replaceChildren(...this.state.files.map(drawFile));
    }
    this.drawStatus();
  }

  get isUnsent() {
    if (this.delivery) return Boolean(this.delivery.failed);
    // A server that died between storing and accepting leaves a message that is neither failed nor final.
    const age = Date.now() - Date.parse(this.state.created_at);
    return this.state.outcome === "failed" || (!this.state.is_final && age > PATIENCE);
  }

  drawStatus() {
    this.element.classList.toggle("unsent", this.isUnsent);
    if (this.isUnsent) {
      const again = h("button", { type: "button", class: "link", onclick: () => this.onRetry(this) }, t("tryAgain"));
      this.status.replaceChildren(icon("alert"), h("span", {}, this.delivery?.failed || t("notSent")), again);
    } else if (this.delivery) {
      const percent = Math.round((this.delivery.progress ?? 0) * 100);
      const bar = h("progress", { max: "100", value: String(percent), "aria-label": t("sending") });
      const uploads = this.delivery.uploads && percent < 100;
      this.status.replaceChildren(h("span", {}, uploads ? t("uploading", percent) : t("sending")), uploads ? bar : "");
    } else {
      this.status.replaceChildren();
    }
  }

  dispose() {
    clearTimeout(this.doubt);
  }
}
