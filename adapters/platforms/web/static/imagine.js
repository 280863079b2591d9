// The choice of a painted picture's size, shown while the text is an /imagine command.
import { h } from "./dom.js";
import { t } from "./i18n.js";

// GLM docs, image generation: the sizes that are recommended for cogview.
const SIZES = ["1024x1024", "1152x864", "1344x768", "1440x720", "864x1152", "768x1344", "720x1440"];
const COMMAND = /^\s*\/imagine(?=\s|$)/i;
const OPTION = /\s*--size[\s=]+(\S*)/i;
const SHAPE = 22; // pixels of the longer side

export const isImagine = (text) => COMMAND.test(text);

export function withSize(text, size) {
  const words = text.replace(OPTION, "").trimEnd();
  // A bare command keeps a space of its own, where the words will go.
  return `${words}${COMMAND.exec(words)?.[0].length === words.length ? " " : ""} --size ${size}`;
}

export function toggleImagine(text) {
  return isImagine(text) ? text.replace(COMMAND, "").replace(OPTION, "").trim() : `/imagine ${text.trimStart()}`;
}

export class SizeChoice {
  constructor({ onChoose }) {
    this.onChoose = onChoose;
    this.element = h("fieldset", { class: "sizes", hidden: true });
    this.draw();
  }

  draw() {
    const choices = SIZES.map((size) => {
      const [width, height] = size.split("x").map(Number);
      const longer = Math.max(width, height);
      const shape = h("span", { class: "shape", "aria-hidden": "true" });
      shape.style.width = `${(SHAPE * width) / longer}px`;
      shape.style.height = `${(SHAPE * height) / longer}px`;
      const input = h("input", { type: "radio", name: "size", value: size, onchange: () => this.onChoose(size) });
      return h("label", {}, input, h("span", { class: "frame" }, shape), h("span", { class: "measure" }, `${width} × ${height}`));
    });
    this.element.replaceChildren(h("legend", {}, t("size")), ...choices);
  }

  follow(text) {
    this.element.hidden = !isImagine(text);
    const chosen = OPTION.exec(text)?.[1] ?? SIZES[0];
    for (const input of this.element.querySelectorAll("input")) input.checked = input.value === chosen;
  }
}
