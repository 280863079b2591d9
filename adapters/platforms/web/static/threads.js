// The list of chats; it lives in this browser only.
import { h, icon, newId, recall, remember, toast } from "./dom.js";
import { onLanguage, t } from "./i18n.js";

const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const MOST = 200;
let threads = recall("threads", []).filter((thread) => NAME.test(thread?.id));
let current = null;
let opened = () => {};

function save() {
  threads = threads.slice(0, MOST);
  remember("threads", threads);
  draw();
}

export function titleOf(id) {
  return threads.find((thread) => thread.id === id)?.title || t("untitled");
}

function named(question) {
  const words = question.replace(/^\s*\/imagine\s+/i, "").replace(/\s*--size[\s=]+\S+/i, "");
  return words.replace(/\s+/g, " ").trim().slice(0, 100);
}

export const knows = (id) => threads.some((thread) => thread.id === id);

// Names a chat by its first question and puts it on top.
export function touch(id, question) {
  const known = threads.find((thread) => thread.id === id);
  const title = known?.title || named(question);
  threads = [{ id, title }, ...threads.filter((thread) => thread.id !== id)];
  save();
}

export function newThread() {
  location.hash = `#${newId()}`;
}

function removeThread(thread) {
  const before = threads;
  threads = threads.filter(({ id }) => id !== thread.id);
  save();
  if (thread.id === current) newThread();
  toast(t("deleted"), { label: t("undo"), run: () => { threads = before; save(); location.hash = `#${thread.id}`; } });
}

function draw() {
  const items = threads.map((thread) => {
    const title = thread.title || t("untitled");
    const link = h("a", { href: `#${thread.id}`, title, "aria-current": thread.id === current ? "page" : null }, title);
    const label = t("deleteThread", title);
    const remove = h("button", { type: "button", class: "quiet icon-only", "aria-label": label, title: label, onclick: () => removeThread(thread) }, icon("trash"));
    return h("li", {}, link, remove);
  });
  document.getElementById("threads").replaceChildren(h("ul", {}, items));
}

function follow() {
  const name = decodeURIComponent(location.hash.slice(1));
  if (!NAME.test(name)) {
    location.replace(`#${threads[0]?.id ?? newId()}`);
    return;
  }
  if (name === current) return;
  current = name;
  draw();
  opened(name);
}

export function startThreads(onOpen) {
  opened = onOpen;
  onLanguage(draw);
  addEventListener("hashchange", follow);
  document.getElementById("new-thread").addEventListener("click", newThread);
  follow();
}
