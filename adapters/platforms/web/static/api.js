// Talks to the server; knows paths and status codes, and nothing of the page.
import { currentLanguage } from "./i18n.js";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
    // 0 is a network that is away; from 500 on the server may recover. The rest will not change by itself.
    this.mayRetry = status === 0 || status >= 500;
  }
}

const path = (thread, rest = "") => `/api/threads/${encodeURIComponent(thread)}${rest}`;
const languageHeader = () => (currentLanguage() === "zh" ? "zh-CN,zh;q=0.9,en;q=0.5" : "en,zh;q=0.3");

function sentenceOf(text) {
  try { return JSON.parse(text).error.message; } catch { return ""; }
}

// XMLHttpRequest, because fetch does not tell how much of an upload is done.
export function sendMessage(thread, { text, files, user, clientId }, onProgress) {
  const form = new FormData();
  form.append("text", text);
  form.append("user", user);
  form.append("client_id", clientId);
  for (const file of files) form.append("files", file, file.name);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", path(thread, "/messages"));
    request.setRequestHeader("Accept-Language", languageHeader());
    request.timeout = 180_000;
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status === 202) resolve();
      else reject(new Refused(request.status, sentenceOf(request.responseText)));
    };
    request.onerror = request.ontimeout = () => reject(new Refused(0, ""));
    request.send(form);
  });
}

export async function pressButton(thread, messageId, action, { user, pressId }) {
  const response = await fetch(path(thread, `/messages/${encodeURIComponent(messageId)}/actions`), {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": languageHeader() },
    body: JSON.stringify({ action, user, client_id: pressId }),
  });
  if (!response.ok) throw new Refused(response.status, sentenceOf(await response.text()));
}

export async function loadThread(thread) {
  const response = await fetch(path(thread), { headers: { "Accept-Language": languageHeader() } });
  if (!response.ok) throw new Refused(response.status, sentenceOf(await response.text()));
  return (await response.json()).messages;
}

// Follows a thread until closed. EventSource reconnects by itself except after an HTTP error; then we do.
export function followThread(thread, { onState, onStatus }) {
  let source;
  let timer = null;
  let tries = 0;
  let isClosed = false;

  function connect() {
    source = new EventSource(path(thread, "/events"));
    source.onopen = () => {
      tries = 0;
      clearTimeout(timer);
      timer = null;
      onStatus("connected");
    };
    source.onmessage = (event) => onState(JSON.parse(event.data));
    source.onerror = () => {
      if (isClosed) return;
      if (source.readyState === EventSource.CLOSED) {
        clearTimeout(timer);
        onStatus("away");
        tries += 1;
        timer = setTimeout(connect, Math.min(1000 * 1.6 ** tries, 10_000));
      } else {
        // A reconnect that works at once is not worth a word.
        timer ??= setTimeout(() => onStatus("lost"), 1200);
      }
    };
  }

  connect();
  return () => {
    isClosed = true;
    clearTimeout(timer);
    source.close();
  };
}
