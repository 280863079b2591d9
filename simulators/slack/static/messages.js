// One message as people see it.
import { element, renderBlock } from "./blocks.js";
import { icon } from "./icons.js";
import { here, names, post } from "./state.js";
import { mrkdwn } from "./text.js";

const COLOURS = ["#4b6fff", "#c2410c", "#0f766e", "#a21caf", "#4d7c0f", "#b91c1c"];

function face(message) {
  const name = names.user(message.user);
  const node = element("div", "face", message.is_bot ? "✦" : name[0].toUpperCase());
  const sum = [...message.user].reduce((total, letter) => total + letter.charCodeAt(0), 0);
  node.style.background = message.is_bot ? "#1d1c1d" : COLOURS[sum % COLOURS.length];
  return node;
}

export function drawMessage(message) {
  const time = new Date(Number(message.ts) * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const who = element("div", "who", element("strong", "", message.identity.username ?? names.user(message.user)));
  if (message.is_bot) who.append(element("span", "app", "APP"));
  who.append(element("time", "", time), element("span", "hint", message.edited ? "(edited)" : ""));
  const body = element("div", "", who);
  if (message.ephemeral_to) body.append(element("div", "only", "Only visible to you"));
  body.append(...(message.deleted ? [element("div", "gone", "This message was deleted.")] : content(message)));
  const node = element("div", "message", face(message), body);
  node.dataset.ts = message.ts;
  return node;
}

function content(message) {
  const act = (actionId, value) => post("act/press", here({ ts: message.ts, action_id: actionId, value }));
  const isComposed = !message.is_bot || !message.blocks.length;
  const nodes = isComposed ? [composed(message)] : message.blocks.map((block) => renderBlock(block, names, act));
  if (message.stream === "in_progress") (nodes.at(-1) ?? nodes[nodes.push(element("div", "block")) - 1]).classList.add("streaming");
  if (message.stream === "expired") nodes.forEach((node) => node.classList.add("broken"));
  nodes.push(...message.files.map(drawFile));
  const reactions = Object.entries(message.reactions).map(([name, users]) => element("span", "", `:${name}: ${users.length}`));
  if (reactions.length) nodes.push(element("div", "reactions", ...reactions));
  return nodes;
}

function composed(message) {
  const node = element("div", "block");
  node.innerHTML = mrkdwn(message.text, names);
  return node;
}

function drawFile(file) {
  if (!String(file.mimetype).startsWith("image/")) return element("div", "file", icon("page"), file.name ?? file.id);
  const picture = element("img");
  picture.src = `/_sim/files/${file.id}/raw`;
  picture.alt = file.alt_txt || file.title;
  return element("div", "block", element("div", "caption", file.title), picture);
}
