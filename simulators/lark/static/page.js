// The page: chats on the left, the open chat on the right, everything live.

import { element } from "/static/markdown.js";
import { face, gist, messageNode } from "/static/messages.js";

const $ = (id) => document.getElementById(id);
const state = { chats: [], bot: {}, people: [], messages: new Map(), open: null, replyTo: null, inThread: false, opened: new Map() };

async function get(path) {
  return (await fetch(`/_sim/${path}`)).json();
}

async function act(path, body) {
  const response = await fetch(`/_sim/${path}`, { method: "POST", body: JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) toast(typeof answer.error === "string" ? answer.error : "That did not work", "error");
  return answer;
}

function toast(text, kind = "info") {
  const node = element("div", `toast ${kind}`, text);
  $("toasts").append(node);
  setTimeout(() => node.remove(), 3500);
}

const ofChat = (chatId) => [...state.messages.values()].filter((message) => message.chat_id === chatId && !message.upper_message_id);

// Topics stand together: each message of a topic follows its root.
function ordered(messages) {
  const isInside = (it) => it.thread_id && it.root_id;
  const inside = (root) => messages.filter((it) => isInside(it) && it.thread_id === root.thread_id);
  return messages.filter((it) => !isInside(it)).flatMap((it) => [it, ...(it.thread_id ? inside(it) : [])]);
}

function showChats() {
  $("chats").replaceChildren(...state.chats.map((chat) => {
    const last = ofChat(chat.chat_id).at(-1);
    const words = element("div", "", element("b", "", chat.name), element("span", "last", last ? `${last.sender}: ${gist(last)}` : chat.has_bot ? "" : "the bot is not here"));
    const node = element("button", chat.chat_id === state.open ? "open" : "", face(chat.name), words);
    node.addEventListener("click", () => openChat(chat.chat_id));
    return node;
  }));
}

function acts(message) {
  const make = (text, run) => {
    const node = element("button", "", text);
    node.type = "button";
    node.addEventListener("click", run);
    return node;
  };
  const list = [make("Reply", () => reply(message, false)), make("In topic", () => reply(message, true))];
  if (!message.is_from_bot && !message.is_deleted) list.push(make("Recall", () => act("recall", { message_id: message.message_id })));
  return list;
}

function node(message) {
  const names = Object.fromEntries([...state.people, state.bot].map((it) => [it.open_id, it.name]));
  const opened = state.opened.get(message.message_id) ?? new Map();
  state.opened.set(message.message_id, opened);
  return messageNode(message, {
    names, opened, acts, say,
    message: (id) => state.messages.get(id),
    press: (button) => press(message, button),
  });
}

async function press(message, button) {
  const shown = await act("press", { message_id: message.message_id, button, user: $("user").value });
  if (shown.code) toast(`Error ${shown.code}: ${shown.problem ?? "no callback configured"}`, "error");
  else if (shown.toast?.content) toast(shown.toast.content, shown.toast.type);
}

function showMessages() {
  const box = $("messages");
  const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const messages = ordered(ofChat(state.open));
  box.replaceChildren(...(messages.length ? messages.map(node) : [element("p", "empty", "Nothing has been said here yet.")]));
  if (wasAtEnd) box.scrollTop = box.scrollHeight;
}

function showMessage(message) {
  const isNew = !state.messages.has(message.message_id);
  state.messages.set(message.message_id, message);
  showChats();
  if (message.chat_id !== state.open) return;
  const shown = document.querySelector(`[data-id="${message.message_id}"]`);
  if (isNew || !shown) showMessages();
  else {
    const box = $("messages");
    const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
    shown.replaceWith(node(message));
    if (wasAtEnd) box.scrollTop = box.scrollHeight;
  }
}

function openChat(chatId) {
  state.open = chatId;
  const chat = state.chats.find((it) => it.chat_id === chatId);
  $("chat-name").textContent = chat.name;
  $("chat-mode").textContent = { p2p: "direct chat with the bot", group: "group", topic: "topic group" }[chat.mode];
  if (chat.mode === "p2p") $("user").value = state.people.find((it) => it.open_id === chat.members[0])?.name ?? $("user").value;
  reply(null);
  showChats();
  showMessages();
  $("messages").scrollTop = $("messages").scrollHeight;
}

function reply(message, inThread = false) {
  state.replyTo = message?.message_id ?? null;
  state.inThread = inThread;
  $("reply-bar").hidden = !message;
  if (message) {
    $("reply-to").textContent = `${inThread ? "In a topic on" : "Reply to"} ${message.sender}: ${gist(message).slice(0, 80)}`;
    $("text").focus();
  }
}

function encoded(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve({ data: reader.result.split(",")[1] ?? "", name: file.name, media_type: file.type || "application/octet-stream" }));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

const kindOf = (file, text) => (file.type.startsWith("image/") ? (text ? "post" : "image") : file.type.startsWith("video/") ? "media" : file.type.startsWith("audio/") ? "audio" : "file");

async function say(text, file) {
  const body = { chat: state.open, user: $("user").value, text };
  if (state.replyTo) Object.assign(body, { reply_to: state.replyTo, in_thread: state.inThread });
  if (file) Object.assign(body, { type: kindOf(file, text), attachments: [await encoded(file)] });
  await act("messages", body);
  reply(null);
}

async function send(event) {
  event?.preventDefault();
  const [text, file] = [$("text").value.trim(), $("file").files[0]];
  if (!text && !file) return;
  $("text").value = $("file").value = "";
  $("file-name").textContent = "";
  await say(text, file);
  $("text").focus();
}

async function showStatus() {
  const status = await get("status");
  const quota = status.quota.limit ? `${status.quota.used} / ${status.quota.limit}` : status.quota.used;
  const online = status.mode === "webhook" ? "by webhook" : status.connections.length;
  const rows = [["bots online", online, online === 0 ? "bad" : "good"], ["calls this month", quota, ""], ["violations", status.violations, status.violations ? "bad" : "good"]];
  $("status").replaceChildren(...rows.flatMap(([name, value, mood]) => [element("dt", "", name), element("dd", mood, String(value))]));
}

async function load() {
  const [{ bot, people, chats }, { messages }] = await Promise.all([get("chats"), get("messages")]);
  const chosen = $("user").value;
  Object.assign(state, { bot, people, chats, messages: new Map(messages.map((it) => [it.message_id, it])) });
  $("user").replaceChildren(...people.map((it) => element("option", "", it.name)));
  if (chosen) $("user").value = chosen;
  if (chats.length) openChat(chats.some((it) => it.chat_id === state.open) ? state.open : chats[0].chat_id);
  showStatus();
}

$("composer").addEventListener("submit", send);
$("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event); });
$("reply-cancel").addEventListener("click", () => reply(null));
$("file").addEventListener("change", () => { $("file-name").textContent = $("file").files[0]?.name ?? ""; });
$("mention").addEventListener("click", () => { $("text").value = `@${state.bot.name} ${$("text").value}`; $("text").focus(); });

const changes = new EventSource("/_sim/changes");
changes.addEventListener("open", load);
changes.addEventListener("message", ({ data }) => {
  const change = JSON.parse(data);
  if (change.kind === "message") showMessage(change.message);
  else if (change.kind === "chats") load();
});
setInterval(showStatus, 2000);
