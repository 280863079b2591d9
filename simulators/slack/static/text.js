// Slack's mrkdwn and Markdown as HTML. Everything is escaped first; only what is made here is markup.

const escape = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);

const link = (url, label) =>
  /^(https?:|mailto:)/i.test(url) ? `<a href="${url}" target="_blank" rel="noreferrer noopener">${label || url}</a>` : label || url;

// Control sequences such as <@U…>, <!here>, <#C…> and <https://…|label>, after escaping.
function controls(html, names) {
  return html
    .replace(/&lt;@([UW][A-Z0-9]+)(?:\|[^&]*)?&gt;/g, (_, id) => `<span class="at">@${escape(names.user(id))}</span>`)
    .replace(/&lt;#([CGD][A-Z0-9]+)(?:\|[^&]*)?&gt;/g, (_, id) => `<span class="at">#${escape(names.channel(id))}</span>`)
    .replace(/&lt;!(here|channel|everyone)(?:\|[^&]*)?&gt;/g, '<span class="loud">@$1</span>')
    .replace(/&lt;((?:https?:|mailto:)[^|&]*(?:&amp;[^|&]*)*)(?:\|(.*?))?&gt;/g, (_, url, label) => link(url, label));
}

// Code must not be touched by the other rules: it is taken out first and put back last.
function withCode(text, work, finish = escape) {
  const kept = [];
  const opened = String(text ?? "").replace(/`([^`\n]+)`/g, (_, code) => `\u0000${kept.push(code) - 1}\u0000`);
  return entities(work(escape(opened))).replace(/\u0000(\d+)\u0000/g, (_, n) => `<code>${finish(kept[n])}</code>`);
}

// Slack's texts come with & < > written as entities; they are shown as characters, after control sequences were read.
const entities = (html) => html.replace(/&amp;(lt|gt|amp);/g, "&$1;");
const slackCode = (code) => entities(escape(code));

export function plain(text) {
  return escape(text);
}

export function mrkdwn(text, names) {
  const parts = String(text ?? "").split(/```([\s\S]*?)```/);
  return parts
    .map((part, index) => (index % 2 ? `<pre><code>${slackCode(part.replace(/^\n/, ""))}</code></pre>` : mrkdwnInline(part, names)))
    .join("");
}

function mrkdwnInline(text, names) {
  if (!text) return "";
  const styled = (escaped) =>
    controls(escaped, names)
      .replace(/(^|[\s(])\*([^*\n]+)\*(?=$|[\s).,!?:;])/gm, "$1<b>$2</b>")
      .replace(/(^|[\s(])_([^_\n]+)_(?=$|[\s).,!?:;])/gm, "$1<i>$2</i>")
      .replace(/(^|[\s(])~([^~\n]+)~(?=$|[\s).,!?:;])/gm, "$1<s>$2</s>");
  return `<p>${withCode(text, styled, slackCode)}</p>`;
}

export function markdown(text, names) {
  const out = [];
  const lines = String(text ?? "").split("\n");
  for (let at = 0; at < lines.length; ) {
    const rule = RULES.find((candidate) => candidate.begins(lines, at));
    const [html, next] = rule.read(lines, at, names);
    out.push(html);
    at = next;
  }
  return out.join("");
}

function inline(text, names) {
  return withCode(text, (escaped) =>
    controls(escaped, names)
      .replace(/!?\[([^\]]*)\]\(((?:https?:|mailto:)[^)\s]+)\)/g, (_, label, url) => link(url, label))
      .replace(/\*\*(.+?)\*\*/g, "<b>$1</b>")
      .replace(/(^|[^\w*])\*([^*\s][^*\n]*)\*/g, "$1<i>$2</i>")
      .replace(/(^|[^\w])_([^_\s][^_\n]*)_(?!\w)/g, "$1<i>$2</i>")
      .replace(/~~(.+?)~~/g, "<s>$1</s>"));
}

const ITEM = /^(\s*)([-*+]|\d+[.)])\s+(.*)$/;
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

function readWhile(lines, at, test) {
  let end = at;
  while (end < lines.length && test(lines[end])) end += 1;
  return [lines.slice(at, end), end];
}

const RULES = [
  {
    begins: (lines, at) => /^\s*```/.test(lines[at]),
    read(lines, at) {
      const [body, end] = readWhile(lines, at + 1, (line) => !/^\s*```/.test(line));
      return [`<pre><code>${escape(body.join("\n"))}</code></pre>`, end + 1];
    },
  },
  {
    begins: (lines, at) => /^\s*\|/.test(lines[at]) && /^[\s|:-]+$/.test(lines[at + 1] ?? "x") && lines[at + 1].includes("-"),
    read(lines, at, names) {
      const [rows, end] = readWhile(lines, at, (line) => /^\s*\|/.test(line));
      const row = (line, tag) => `<tr>${cells(line).map((cell) => `<${tag}>${inline(cell, names)}</${tag}>`).join("")}</tr>`;
      return [`<table>${row(rows[0], "th")}${rows.slice(2).map((line) => row(line, "td")).join("")}</table>`, end];
    },
  },
  { begins: (lines, at) => /^#{1,6}\s/.test(lines[at]), read: (lines, at, names) => [`<h3>${inline(lines[at].replace(/^#+\s*/, ""), names)}</h3>`, at + 1] },
  { begins: (lines, at) => /^\s*(-{3,}|\*{3,}|_{3,})\s*$/.test(lines[at]), read: (_, at) => ["<hr>", at + 1] },
  {
    begins: (lines, at) => /^>/.test(lines[at]),
    read(lines, at, names) {
      const [quoted, end] = readWhile(lines, at, (line) => /^>/.test(line));
      return [`<blockquote>${markdown(quoted.map((line) => line.replace(/^>\s?/, "")).join("\n"), names)}</blockquote>`, end];
    },
  },
  {
    begins: (lines, at) => ITEM.test(lines[at]),
    read(lines, at, names) {
      const [items, end] = readWhile(lines, at, (line) => ITEM.test(line) || /^\s{2,}\S/.test(line));
      const isOrdered = /\d/.test(ITEM.exec(items[0])[2]);
      const body = items.map((line) => listItem(line, names)).join("");
      const first = parseInt(ITEM.exec(items[0])[2], 10) || 1;
      return [isOrdered ? `<ol start="${first}">${body}</ol>` : `<ul>${body}</ul>`, end];
    },
  },
  { begins: (lines, at) => !lines[at].trim(), read: (_, at) => ["", at + 1] },
  {
    begins: () => true,
    read(lines, at, names) {
      const isPlain = (line) => line.trim() && !/^(#{1,6}\s|>|\s*```|\s*\|)/.test(line) && !ITEM.test(line);
      const [body, end] = readWhile(lines, at + 1, isPlain);
      return [`<p>${inline([lines[at], ...body].join("\n"), names)}</p>`, end];
    },
  },
];

function listItem(line, names) {
  const found = ITEM.exec(line);
  if (!found) return `<div>${inline(line.trim(), names)}</div>`;
  const task = /^\[([ xX])\]\s+(.*)$/.exec(found[3]);
  const text = task ? `${task[1] === " " ? "☐" : "☑"} ${inline(task[2], names)}` : inline(found[3], names);
  return `<li style="margin-left:${Math.min(found[1].length, 12) * 8}px">${text}</li>`;
}
