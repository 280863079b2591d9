// Files for the next message: chosen, dropped or pasted, shown before they are sent.
import { h, iconButton, toast } from "./dom.js";
import { t } from "./i18n.js";
import { fileChip } from "./question.js";

const MOST = 10;

export class FileTray {
  constructor({ onChange }) {
    this.files = [];
    this.urls = new Map();
    this.onChange = onChange;
    this.element = h("ul", { class: "tray", hidden: true });
  }

  add(files) {
    const room = MOST - this.files.length;
    if (files.length > room) toast(t("tooManyFiles"));
    this.files.push(...[...files].slice(0, room));
    this.draw();
  }

  // Gives the files away, for sending.
  take() {
    const { files } = this;
    this.files = [];
    this.draw();
    return files;
  }

  remove(file) {
    const index = this.files.indexOf(file);
    this.files.splice(index, 1);
    this.draw();
    this.element.querySelectorAll("button")[Math.min(index, this.files.length - 1)]?.focus();
  }

  preview(file) {
    if (!this.urls.has(file)) this.urls.set(file, URL.createObjectURL(file));
    return h("img", { src: this.urls.get(file), alt: file.name });
  }

  draw() {
    for (const [file, url] of this.urls) {
      if (!this.files.includes(file)) {
        URL.revokeObjectURL(url);
        this.urls.delete(file);
      }
    }
    this.element.hidden = this.files.length === 0;
    this.element.replaceChildren(...this.files.map((file) => {
      const isPicture = /^image\/(png|jpeg|webp|gif)$/.test(file.type);
      const remove = iconButton("close", t("remove", file.name), () => this.remove(file), "remove");
      return h("li", { class: isPicture ? "picture" : "file" }, isPicture ? this.preview(file) : fileChip(file), remove);
    }));
    this.onChange();
  }
}

// Lets files be dropped anywhere on the page.
export function acceptDrops(tray) {
  const veil = document.getElementById("drop");
  const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth += 1;
    veil.hidden = false;
  });
  addEventListener("dragleave", (event) => {
    if (!holdsFiles(event)) return;
    depth = Math.max(0, depth - 1);
    veil.hidden = depth === 0;
  });
  addEventListener("dragover", (event) => {
    if (holdsFiles(event)) event.preventDefault();
  });
  addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    depth = 0;
    veil.hidden = true;
    tray.add(event.dataTransfer.files);
  });
}
