// Blocks as DOM nodes; `act` is called when something is pressed.
import { icon } from "./icons.js";
import { markdown, mrkdwn, plain } from "./text.js";

export function element(tag, className = "", ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function html(tag, className, markup) {
  const node = element(tag, className);
  node.innerHTML = markup;
  return node;
}

const words = (object, names) => (object?.type === "mrkdwn" ? mrkdwn(object.text, names) : plain(object?.text));
const isSafe = (url) => /^https?:/i.test(url ?? "");

export function renderBlock(block, names, act) {
  const draw = DRAW[block.type];
  const node = draw ? draw(block, names, act) : element("div", "hint", `[${block.type}]`);
  node.classList.add("block");
  return node;
}

const DRAW = {
  markdown: (block, names) => html("div", "", markdown(block.text, names)),
  header: (block) => html("div", "header", plain(block.text?.text)),
  divider: () => element("div", "", element("hr")),
  section(block, names, act) {
    const left = element("div");
    if (block.text) left.append(html("div", "", words(block.text, names)));
    if (block.fields) left.append(element("div", "fields", ...block.fields.map((field) => html("div", "", words(field, names)))));
    return element("div", "section", left, block.accessory ? pressable(block.accessory, act) : null);
  },
  context: (block, names) =>
    element("div", "context", ...block.elements.map((item) => (item.type === "image" ? image(item) : html("span", "", words(item, names))))),
  actions: (block, names, act) => element("div", "row", ...block.elements.map((item) => pressable(item, act))),
  context_actions: (block, names, act) => element("div", "row", ...block.elements.map((item) => pressable(item, act))),
  image: (block) => element("div", "", block.title ? html("div", "caption", plain(block.title.text)) : null, image(block)),
  rich_text: (block, names) => html("div", "", mrkdwn(richText(block, names), names)),
  table: (block, names) =>
    html("div", "", `<table>${block.rows.map((row, index) => tableRow(row, index ? "td" : "th", names)).join("")}</table>`),
  task_card: (block) => task(block),
  plan: (block) => element("div", "plan", html("div", "header", plain(block.title)), ...(block.tasks ?? []).map(task)),
};

function tableRow(row, tag, names) {
  const cell = (item) => (item.type === "rich_text" ? mrkdwn(richText(item, names), names) : plain(item.text ?? item.value));
  return `<tr>${row.map((item) => `<${tag}>${cell(item)}</${tag}>`).join("")}</tr>`;
}

function richText(node, names) {
  if (Array.isArray(node)) return node.map((item) => richText(item, names)).join("");
  if (node?.type === "user") return `<@${node.user_id}>`;
  if (node?.type === "link") return node.text ? `<${node.url}|${node.text}>` : `<${node.url}>`;
  if (node?.type === "emoji") return `:${node.name}:`;
  if (typeof node?.text === "string") return node.text;
  return richText(node?.elements ?? [], names);
}

function image(block) {
  const picture = element("img");
  const fileId = block.slack_file?.id ?? /-(F[A-Z0-9]+)\//.exec(block.slack_file?.url ?? "")?.[1];
  const source = fileId ? `/_sim/files/${encodeURIComponent(fileId)}/raw` : block.image_url;
  if (fileId || isSafe(source)) picture.src = source;
  picture.alt = block.alt_text ?? "";
  return picture;
}

const MARKS = { pending: "○", in_progress: "◐", complete: "✓", error: "✕" };

function task(card) {
  const mark = element("span", `mark ${card.status}`, MARKS[card.status] ?? "○");
  const more = [card.details, card.output].filter(Boolean);
  if (!more.length) return element("div", "task", element("div", "line", mark, card.title));
  const box = element("details", "task", element("summary", "", mark, card.title), ...more.map((text) => element("div", "more", text)));
  box.open = card.status === "in_progress";
  return box;
}

function pressable(item, act) {
  if (item.type === "feedback_buttons") {
    const thumb = (button, mark) => knob(icon(mark), "button quiet", () => act(item.action_id, button.value), button.text?.text);
    return element("span", "row", thumb(item.positive_button, "up"), thumb(item.negative_button, "down"));
  }
  if (item.type === "icon_button") return knob(icon("bin"), "button quiet", () => act(item.action_id, item.value), item.text?.text);
  if (item.type === "image") return image(item);
  if (item.options) return menu(item, act);
  const className = `button ${["primary", "danger"].includes(item.style) ? item.style : ""}`;
  return knob(item.text?.text ?? item.type, className, () => {
    act(item.action_id, item.value);
    if (isSafe(item.url)) window.open(item.url, "_blank", "noopener");
  });
}

function knob(label, className, press, title = "") {
  const button = element("button", className, label);
  button.type = "button";
  button.title = title;
  if (title) button.setAttribute("aria-label", title);
  button.addEventListener("click", press);
  return button;
}

function menu(item, act) {
  const select = element("select", "button");
  select.append(new Option(item.placeholder?.text ?? "…", ""));
  for (const option of item.options) select.append(new Option(option.text.text, option.value));
  if (item.initial_option) select.value = item.initial_option.value;
  select.addEventListener("change", () => select.value && act(item.action_id, select.value));
  return select;
}
