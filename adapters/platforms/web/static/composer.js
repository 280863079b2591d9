// Where a question is written.
import { h, icon, iconButton } from "./dom.js";
import { onLanguage, t } from "./i18n.js";
import { FileTray, acceptDrops } from "./files.js";
import { SizeChoice, isImagine, toggleImagine, withSize } from "./imagine.js";

export class Composer {
  constructor(form, { onSend, onStop }) {
    this.form = form;
    this.onSend = onSend;
    this.onStop = onStop;
    this.canStop = false;
    this.tray = new FileTray({ onChange: () => this.follow() });
    this.sizes = new SizeChoice({ onChoose: (size) => this.write(withSize(this.text, size)) });
    this.area = h("textarea", { id: "question", rows: "1", dir: "auto", enterkeyhint: "send", oninput: () => this.follow() });
    this.picker = h("input", { type: "file", multiple: true, hidden: true, onchange: () => this.picked() });
    this.build();
    acceptDrops(this.tray);
    onLanguage(() => { this.label(); this.sizes.draw(); this.tray.draw(); });
    form.addEventListener("submit", (event) => { event.preventDefault(); this.submit(); });
    this.area.addEventListener("keydown", (event) => this.key(event));
    addEventListener("paste", (event) => this.paste(event));
  }

  get text() {
    return this.area.value;
  }

  build() {
    this.attach = iconButton("clip", "", () => this.picker.click());
    this.paint = iconButton("picture", "", () => { this.write(toggleImagine(this.text)); });
    this.send = h("button", { type: "submit", class: "send" });
    this.form.append(this.sizes.element, h("div", { class: "box" }, this.tray.element, this.area,
      h("div", { class: "row" }, this.attach, this.paint, h("span", { class: "space" }), this.send)), this.picker);
  }

  label() {
    this.area.placeholder = t("placeholder");
    this.area.setAttribute("aria-label", t("question"));
    for (const [button, key] of [[this.attach, "attach"], [this.paint, "picture"]]) {
      button.setAttribute("aria-label", t(key));
      button.title = t(key);
    }
    this.sendKind = null;
    this.follow();
  }

  // Brings everything around the text up to date with it.
  follow() {
    this.area.style.height = "auto";
    this.area.style.height = `${Math.min(this.area.scrollHeight, 260)}px`;
    this.sizes.follow(this.text);
    this.paint.setAttribute("aria-pressed", String(isImagine(this.text)));
    const isEmpty = !this.text.trim() && this.tray.files.length === 0;
    const kind = isEmpty && this.canStop ? "stop" : "send";
    this.send.setAttribute("aria-disabled", String(isEmpty && !this.canStop));
    if (kind === this.sendKind) return;
    this.sendKind = kind;
    this.send.replaceChildren(icon(kind));
    this.send.setAttribute("aria-label", t(kind));
    this.send.title = t(kind);
  }

  setCanStop(canStop) {
    if (this.canStop === canStop) return;
    this.canStop = canStop;
    this.follow();
  }

  write(text) {
    this.area.value = text;
    this.follow();
    this.area.focus();
    // The cursor belongs into the words, before an option.
    const option = text.search(/\s--size/i);
    const end = option > 0 ? option : text.length;
    this.area.setSelectionRange(end, end);
  }

  // Gives back what could not be sent, unless something new was begun.
  restore({ text, files }) {
    if (!this.text.trim()) this.write(text);
    this.tray.add(files);
  }

  key(event) {
    // While an input method composes Chinese, Enter chooses a word (229: Safari ends composing one event early).
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  picked() {
    this.tray.add(this.picker.files);
    this.picker.value = "";
    this.area.focus();
  }

  paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.tray.add(files);
  }

  submit() {
    const text = this.text.trim();
    if (!text && this.tray.files.length === 0) {
      if (this.canStop) this.onStop();
      return;
    }
    this.area.value = "";
    const files = this.tray.take();
    this.follow();
    this.onSend({ text, files });
  }
}
