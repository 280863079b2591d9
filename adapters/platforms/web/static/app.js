// Puts the page together: which chat is open, what is sent, what comes back.
import { Refused, followThread, loadThread, pressButton, sendMessage } from "./api.js";
import { Composer } from "./composer.js";
import { newId, recall, remember, toast } from "./dom.js";
import { drawEmpty } from "./empty.js";
import { onLanguage, t, translatePage } from "./i18n.js";
import { MessageLog } from "./messages.js";
import { startPreferences } from "./preferences.js";
import { Follower } from "./scroll.js";
import { knows, startThreads, titleOf, touch } from "./threads.js";

const $ = (id) => document.getElementById(id);
const user = recall("user", null) ?? `guest-${newId().slice(0, 12)}`;
remember("user", user);

let thread = null;
let unfollow = () => {};
let status = "connected";
const outbox = new Map(); // id of a message → {thread, state, files, failed}, as long as it may have to be sent again

const log = new MessageLog($("log"), { onAction: act, onFinal: announce, onRetry: (view) => deliver(view) });
const follower = new Follower($("scroller"), $("latest"));
const composer = new Composer($("composer"), { onSend: send, onStop: () => log.running && act(log.running, "stop") });

function refresh() {
  $("empty").hidden = !log.isEmpty;
  $("title").textContent = thread ? titleOf(thread) : "Glimmer";
  document.title = log.isEmpty ? "Glimmer" : `${titleOf(thread)} · Glimmer`;
  composer.setCanStop(Boolean(log.running));
}

function showStatus(next) {
  status = next;
  const text = { lost: t("lost"), away: t("away") }[next] ?? "";
  $("banner").hidden = !text;
  $("banner").textContent = text;
}

function take(state) {
  log.apply(state);
  if (state.author === "user" && state.is_final) outbox.delete(state.id);
  refresh();
}

async function open(name) {
  unfollow();
  thread = name;
  log.clear();
  showStatus("connected");
  refresh();
  composer.area.focus({ preventScroll: true });
  follower.toEnd();
  const isCurrent = () => thread === name;
  // The whole thread at once is drawn in one go; the stream that follows begins with the same states.
  try {
    const states = await loadThread(name);
    if (!isCurrent()) return;
    states.forEach(take);
    // A chat that came as a link joins the list.
    if (states.length > 0 && !knows(name)) touch(name, states[0].markdown);
    follower.toEnd();
  } catch (error) {
    if (!isCurrent()) return;
    showStatus("away");
  }
  for (const waiting of outbox.values()) {
    if (waiting.thread === name) log.apply(waiting.state).deliver({ failed: waiting.failed });
  }
  refresh();
  unfollow = followThread(name, {
    onState: (state) => isCurrent() && take(state),
    onStatus: (next) => isCurrent() && showStatus(next),
  });
}

function send({ text, files }) {
  const id = newId();
  const state = {
    id, author: "user", markdown: text, revision: -1, fence: 0, is_final: false, outcome: null,
    created_at: new Date().toISOString(), files: files.map((file) => ({ name: file.name, media_type: file.type, size: file.size, url: null })),
  };
  touch(thread, text || files[0].name);
  // Shown by their own bytes until the server names them.
  state.files.forEach((file, index) => { file.url = URL.createObjectURL(files[index]); });
  outbox.set(id, { thread, state, files });
  const view = log.apply(state);
  refresh();
  follower.toEnd();
  deliver(view);
}

async function deliver(view) {
  const { id, markdown: text } = view.state;
  const name = thread;
  const waiting = outbox.get(id);
  const files = waiting?.files ?? [];
  view.deliver({ progress: 0, uploads: files.length > 0 });
  try {
    await sendMessage(name, { text, files, user, clientId: id }, (progress) => view.deliver({ progress, uploads: files.length > 0 }));
    outbox.delete(id);
    view.deliver(null);
    view.update({ ...view.state, is_final: true, outcome: null });
    log.expect();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.mayRetry) {
      const failed = error.message || t("notSent");
      if (waiting) waiting.failed = failed;
      view.deliver({ failed });
      return;
    }
    // It would be refused again: back into the box, where it can be changed.
    toast(error.message || t("actionFailed"));
    outbox.delete(id);
    if (thread === name) log.remove(id);
    composer.restore({ text, files });
    refresh();
  }
}

async function act(view, action) {
  try {
    await pressButton(thread, view.state.id, action, { user, pressId: newId() });
    if (action === "like" || action === "dislike") toast(t("thanks"));
  } catch (error) {
    toast(error.message || t("actionFailed"));
  }
}

// Read out once, when it is whole: not word by word.
function announce(view) {
  const words = [view.words.textContent, view.notice.textContent].join(" ").trim();
  $("announcer").textContent = t("answered", words.slice(0, 1500));
  refresh();
}

startPreferences();
onLanguage(() => {
  drawEmpty($("empty"), (example) => {
    composer.write(example.text);
    if (example.files) composer.picker.click();
  });
  log.redraw();
  showStatus(status);
  refresh();
});
translatePage();
startThreads(open);
