// Watches the workspace live and lets a person take part in it.
import { element } from "./blocks.js";
import { wire } from "./composer.js";
import { icon } from "./icons.js";
import { drawMessage } from "./messages.js";
import { showView } from "./modal.js";
import { find, here, names, post, state, workspace } from "./state.js";

function title(channel) {
  if (channel.kind === "channel") return `# ${channel.name}`;
  if (channel.kind !== "im") return channel.name;
  return channel.members.includes(state.user) ? `${names.user(workspace().bot_user_id)}` : names.user(channel.user);
}

function visibleChannels() {
  return workspace().channels.filter((channel) => channel.members.includes(state.user) || channel.kind === "channel");
}

function drawChannels() {
  const button = (channel) => {
    const isClosed = channel.kind === "group" || channel.kind === "mpim";
    const node = element("button", "", isClosed ? icon("lock") : null, title(channel));
    node.classList.toggle("on", channel.id === state.channel);
    node.classList.toggle("new", state.unread.has(channel.id));
    node.classList.toggle("outside", !channel.members.includes(workspace().bot_user_id));
    node.addEventListener("click", () => openChannel(channel.id));
    return node;
  };
  const shown = visibleChannels();
  const group = (label, wanted) => [element("h2", "", label), ...shown.filter((c) => (c.kind === "im") === wanted).map(button)];
  find("channels").replaceChildren(...group("Channels", false), ...group("Apps", true));
  find("team").textContent = workspace().name;
}

function openChannel(id) {
  state.channel = id;
  state.unread.delete(id);
  state.open = "";
  location.hash = id;
  draw();
  find("messages").scrollTop = find("messages").scrollHeight;
  const channel = workspace().channels.find((found) => found.id === id);
  if (channel?.kind === "im") post("act/open_app", here({ tab: "messages" }));
}

function draw() {
  drawChannels();
  const channel = workspace().channels.find((found) => found.id === state.channel);
  const isMember = channel.members.includes(workspace().bot_user_id);
  const note = isMember ? "" : "the bot is not in this channel";
  find("title").replaceChildren(title(channel), element("span", "hint", note));
  document.querySelector("#composer .mention").hidden = channel.kind === "im";
  drawMessages();
  drawPrompts(channel);
}

function drawMessages() {
  const box = find("messages");
  const wasAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  const all = workspace().messages.filter((message) => message.channel === state.channel && isFor(message));
  const roots = all.filter((message) => !message.thread_ts || message.thread_ts === message.ts);
  const kept = document.activeElement?.closest?.(".thread")?.dataset.ts;
  const draft = kept ? document.activeElement.value : "";
  box.replaceChildren(...(roots.length ? roots.map((root) => drawThread(root, all)) : [element("p", "empty", "No messages yet. Say something.")]));
  if (kept) restore(kept, draft);
  if (wasAtEnd) box.scrollTop = box.scrollHeight;
}

function restore(ts, draft) {
  const area = document.querySelector(`.thread[data-ts="${ts}"] textarea`);
  if (!area) return;
  area.value = draft;
  area.focus();
}

const isFor = (message) => !message.ephemeral_to || message.ephemeral_to === state.user;

function drawThread(root, all) {
  const replies = all.filter((message) => message.thread_ts === root.ts && message.ts !== root.ts);
  const status = state.statuses.get(`${root.channel}/${root.ts}`);
  const thread = element("div", "thread", ...replies.map(drawMessage));
  thread.dataset.ts = root.ts;
  if (status) thread.append(drawStatus(root, status));
  thread.append(state.open === root.ts ? threadComposer(root) : threadOpener(root, replies.length));
  return element("article", "", drawMessage(root), thread);
}

function drawStatus(root, words) {
  const stop = element("button", "button quiet", "Stop");
  stop.addEventListener("click", () => post("act/stop", here({ thread_ts: root.ts })));
  return element("div", "status", `${names.user(workspace().bot_user_id)} ${words}`, stop);
}

function threadOpener(root, count) {
  const opener = element("button", `open-thread ${count ? "" : "shy"}`, count ? "Reply…" : "Reply in thread");
  opener.addEventListener("click", () => {
    state.open = root.ts;
    drawMessages();
    document.querySelector(`.thread[data-ts="${root.ts}"] textarea`)?.focus();
  });
  return opener;
}

function threadComposer(root) {
  const form = find("composer").cloneNode(true);
  form.removeAttribute("id");
  form.querySelector("textarea").value = "";
  form.querySelector("textarea").placeholder = "Reply…";
  form.querySelector("[name=mention]").checked = false;
  wire(form, root.ts);
  return form;
}

function drawPrompts(channel) {
  const found = workspace().prompts.find((entry) => entry.channel === channel.id);
  const chip = (prompt) => {
    const node = element("button", "", prompt.title);
    node.addEventListener("click", () => post("act/message", here({ text: prompt.message })));
    return node;
  };
  find("prompts").replaceChildren(...(found?.prompts ?? []).map(chip));
}

const APPLY = {
  message({ message }) {
    const team = state.workspaces.find((found) => found.id === message.team);
    const at = team.messages.findIndex((old) => old.channel === message.channel && old.ts === message.ts);
    if (at < 0) team.messages.push(message);
    else team.messages[at] = message;
    if (message.channel !== state.channel) state.unread.add(message.channel);
  },
  status({ channel, thread_ts, status }) {
    if (status) state.statuses.set(`${channel}/${thread_ts}`, status);
    else state.statuses.delete(`${channel}/${thread_ts}`);
  },
  prompts({ team, channel, prompts }) {
    const found = state.workspaces.find((candidate) => candidate.id === team);
    found.prompts = [...found.prompts.filter((entry) => entry.channel !== channel), { channel, prompts }];
  },
  view({ user, view, closed }) {
    if (user !== state.user || view.type !== "modal") return;
    if (closed) find("modal").close();
    else showView(find("modal"), view, names, post, here);
  },
};

let isDrawing = false;
function drawSoon() {
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(() => {
    isDrawing = false;
    draw();
  });
}

function take(change) {
  APPLY[change.type]?.(change);
  drawSoon();
}

async function load() {
  state.waiting = [];
  const answer = await (await fetch("/_sim/state")).json();
  state.workspaces = answer.workspaces;
  state.team ||= answer.workspaces[0].id;
  const people = workspace().users.filter((user) => !user.is_bot);
  state.user ||= people[0].id;
  find("user").replaceChildren(...people.map((user) => new Option(user.real_name, user.id, false, user.id === state.user)));
  document.querySelector("#composer .mention span").textContent = `@${answer.app.bot_name}`;
  state.statuses.clear();
  for (const { sessions, statuses } of answer.workspaces) {
    for (const { channel, thread_ts, status } of sessions)
      if (status === "processing") state.statuses.set(`${channel}/${thread_ts}`, "is working…");
    for (const { channel, thread_ts, status } of statuses) state.statuses.set(`${channel}/${thread_ts}`, status);
  }
  const wanted = state.channel || location.hash.slice(1);
  openChannel(visibleChannels().some((found) => found.id === wanted) ? wanted : visibleChannels()[0].id);
  const modal = workspace().views.filter(({ user, kind }) => user === state.user && kind === "modal").at(-1);
  if (modal) showView(find("modal"), modal.view, names, post, here);
  document.querySelector("#composer textarea").disabled = false;
  const late = state.waiting;
  state.waiting = null;
  late.forEach(take);
}

function listen() {
  const feed = new EventSource("/_sim/feed");
  feed.onmessage = (event) => {
    const change = JSON.parse(event.data);
    if (state.waiting) state.waiting.push(change);
    else take(change);
  };
  // Whatever happened before the feed was open, or while it was lost, comes with the state.
  feed.onopen = load;
}

async function count() {
  const counts = await (await fetch("/_sim/counts")).json();
  const violations = Object.values(counts.violations).reduce((sum, n) => sum + n, 0);
  find("counts").textContent = `${counts.rate_limited} × 429 · ${violations} violations`;
}

find("user").addEventListener("change", (event) => {
  state.user = event.target.value;
  const first = visibleChannels();
  openChannel((first.find((found) => found.id === state.channel) ?? first[0]).id);
});
wire(find("composer"), null);
listen();
setInterval(count, 3000);
count();
