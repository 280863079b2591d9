// Messages and cards as DOM nodes.

import { element, inline, markdown, picture } from "/static/markdown.js";

const COLOURS = ["#3370ff", "#14a88e", "#d97706", "#9254de", "#d83931", "#0f8fb8"];
export function face(name) {
  const node = element("span", "face", name.slice(0, 1).toUpperCase());
  node.style.background = COLOURS[[...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % COLOURS.length];
  node.ariaHidden = "true";
  return node;
}

export function gist(message) {
  if (message.is_deleted) return "(recalled)";
  if (message.card) return message.card.summary || "[card]";
  const { text, title, file_name: file } = message.content;
  if (text === undefined && message.msg_type === "post") return title || message.content.content.flat().map((tag) => tag.text ?? "").join(" ");
  return text === undefined ? `[${message.msg_type}] ${file ?? ""}` : withNames(text, message);
}

const withNames = (text, message) => message.mentions.reduceRight((done, it) => done.replaceAll(it.key, `@${it.name}`), text);

function tagNode(tag, message, names) {
  switch (tag.tag) {
    case "img": return picture(tag.image_key);
    case "at": return element("span", "at", `@${tag.user_name ?? names[tag.user_id] ?? tag.user_id} `);
    case "a": return inline(`[${tag.text}](${tag.href})`);
    case "hr": return element("hr");
    case "code_block": return element("pre", "", element("code", "", tag.text));
    default: return inline(withNames(tag.text ?? `[${tag.tag}]`, message), names);
  }
}

function content(message, names) {
  const bubble = element("div", "bubble");
  const { content: body, msg_type: type } = message;
  if (message.is_deleted) bubble.append("This message was recalled");
  else if (type === "text") withNames(body.text, message).split("\n").forEach((line, index) => bubble.append(...(index ? [element("br")] : []), inline(line, names)));
  else if (type === "image") bubble.append(picture(body.image_key));
  else if (type === "post") {
    if (body.title) bubble.append(element("b", "", body.title));
    for (const paragraph of body.content) bubble.append(element("div", "", ...paragraph.map((tag) => tagNode(tag, message, names))));
  } else if (body.file_key) {
    const link = element("a", "", `${type}: ${body.file_name ?? body.file_key}`);
    link.href = `/_sim/resources/${body.file_key}`;
    bubble.append(link);
  } else bubble.append(JSON.stringify(body));
  return bubble;
}

const label = (text) => text?.content ?? "";

function elements(list, context) {
  return (list ?? []).map((it) => elementNode(it, context)).filter(Boolean);
}

function elementNode(it, context) {
  switch (it.tag) {
    case "markdown": {
      const node = markdown(it.content, context.names);
      context.lastText = node;
      return node;
    }
    case "div": return element("div", "", it.text.tag === "plain_text" ? label(it.text) : markdown(label(it.text), context.names));
    case "hr": return element("hr");
    case "img": return picture(it.img_key, label(it.alt));
    case "img_combination": return element("div", "columns", ...it.img_list.map((one) => picture(one.img_key)));
    case "column_set": return element("div", "columns", ...elements(it.columns, context));
    case "column": return element("div", "", ...elements(it.elements, context));
    case "table": return element("pre", "", JSON.stringify(it.rows, null, 1));
    case "button": return buttonNode(it, context);
    case "collapsible_panel": {
      const node = element("details", "panel", element("summary", "", label(it.header.title)), ...elements(it.elements, context));
      node.open = context.opened.get(it.element_id) ?? it.expanded ?? false;
      node.addEventListener("toggle", () => context.opened.set(it.element_id, node.open));
      return node;
    }
    default: return null;
  }
}

function buttonNode(it, context) {
  const node = element("button", it.type ?? "default", label(it.text));
  node.disabled = Boolean(it.disabled);
  const opens = (it.behaviors ?? []).find((behavior) => behavior.type === "open_url");
  node.addEventListener("click", () => {
    if (opens) window.open(opens.default_url, "_blank", "noreferrer");
    if (it.confirm && !window.confirm(label(it.confirm.title))) return;
    if ((it.behaviors ?? []).some((behavior) => behavior.type === "callback")) context.press(it.element_id ?? label(it.text));
  });
  return node;
}

function grouped(nodes) {
  // Buttons in a row stand side by side here; in Lark they would need a column_set.
  return nodes.reduce((done, node) => {
    const before = done.at(-1);
    if (node.tagName !== "BUTTON") return [...done, node];
    if (before?.className === "buttons") before.append(node);
    else return [...done, element("div", "buttons", node)];
    return done;
  }, []);
}

function card(message, context) {
  const { card: json, is_streaming: isStreaming, sequence, card_id: id } = message.card;
  const parts = grouped(elements(json.body.elements, context));
  context.lastText?.classList.add("last");
  const foot = element("div", "foot", element("span", "", `card ${id}`), element("span", "", `sequence ${sequence}`));
  if (isStreaming) foot.prepend(element("span", "live", "streaming"));
  const title = json.header ? [element("div", "title", label(json.header.title))] : [];
  return element("div", `card${isStreaming ? " streaming" : ""}`, ...title, element("div", "elements", ...parts), foot);
}

export function messageNode(message, context) {
  const classes = ["message", message.is_from_bot ? "theirs" : "mine", message.thread_id && message.root_id ? "in-thread" : "", message.is_deleted ? "recalled" : ""];
  const time = new Date(Number(message.create_time)).toLocaleTimeString();
  const acts = element("span", "acts", ...context.acts(message));
  const who = element("div", "who", element("b", "", message.sender), time, message.edits ? "edited" : "", acts);
  const shown = message.card && !message.is_deleted ? card(message, context) : content(message, context.names);
  const body = element("div", "body", who);
  const parent = message.parent_id && !message.thread_id ? context.message(message.parent_id) : undefined;
  if (parent) body.append(element("div", "quote", `${parent.sender}: ${gist(parent)}`));
  body.append(shown);
  const chips = message.reactions.map((it) => element("span", "chip", it.emoji));
  const bubbles = message.follow_ups.map((text) => {
    const node = element("button", "", text);
    node.addEventListener("click", () => context.say(text));
    return node;
  });
  if (chips.length || bubbles.length) body.append(element("div", "chips", ...chips, ...bubbles));
  const node = element("article", classes.join(" ").trim(), face(message.sender), body);
  node.dataset.id = message.message_id;
  return node;
}
