// What an empty chat shows: a greeting and a few things to try.
import { h, icon } from "./dom.js";
import { t } from "./i18n.js";

export function drawEmpty(element, onExample) {
  const cards = t("examples").map((example) => h("button", { type: "button", class: "card", onclick: () => onExample(example) },
    icon(example.icon), h("strong", {}, example.title), h("span", {}, example.text)));
  element.replaceChildren(h("div", { class: "welcome" },
    icon("mark", "mark large"), h("h2", {}, t("hello")), h("p", {}, t("helloMore")), h("div", { class: "cards" }, cards)));
}
