// Card Markdown to DOM nodes. Everything is set as text, so nothing a bot writes can run.

export function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

const INLINE = /(`+)([^`]+)\1|!\[([^\]\n]*)\]\(([^)\s]+)[^)]*\)|\[([^\]\n]*)\]\((https?:[^)\s]+)[^)]*\)|\*\*([^*\n]+)\*\*|~~([^~\n]+)~~|\*([^*\n]+)\*|<\s*at\s+(?:id|ids|user_id)=["']?([^"'\s>]+)["']?\s*>(?:[^<]*<\/at>)?|<br\s*\/?>|<\/?[A-Za-z][^>\n]*>|(https?:\/\/[!-~]+)/g;
const ENTITIES = { "&#60;": "<", "&#62;": ">", "&#42;": "*", "&#95;": "_", "&#96;": "`", "&#91;": "[", "&#93;": "]", "&#35;": "#", "&lt;": "<", "&gt;": ">", "&amp;": "&", "&nbsp;": " ", "&zwj;": "" };
const unescape = (text) => text.replace(/&(?:#\d+|[a-z]+);/g, (entity) => ENTITIES[entity] ?? entity);

function link(address, text) {
  const node = element("a", "", text);
  node.href = address;
  node.target = "_blank";
  node.rel = "noreferrer";
  return node;
}

export function picture(key, title) {
  const node = element("img");
  node.src = `/_sim/resources/${encodeURIComponent(key)}`;
  node.alt = title || "picture";
  return node;
}

export function inline(text, names = {}) {
  const parent = document.createDocumentFragment();
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    parent.append(unescape(text.slice(last, match.index)));
    last = match.index + match[0].length;
    const [whole, , code, alt, image, label, address, bold, struck, italic, person, bare] = match;
    if (code !== undefined) parent.append(element("code", "", code));
    else if (image !== undefined) parent.append(picture(image, alt));
    else if (address !== undefined) parent.append(link(address, label));
    else if (bold !== undefined) parent.append(element("strong", "", inline(bold, names)));
    else if (struck !== undefined) parent.append(element("s", "", inline(struck, names)));
    else if (italic !== undefined) parent.append(element("em", "", inline(italic, names)));
    else if (person !== undefined) parent.append(element("span", "at", `@${person === "all" ? "everybody" : names[person] ?? person}`));
    else if (bare !== undefined) parent.append(link(bare, bare));
    else if (/^<br/i.test(whole)) parent.append(element("br"));
    // any other tag vanishes, as in Lark
  }
  parent.append(unescape(text.slice(last)));
  return parent;
}

const cells = (row) => row.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());

function table(rows, names) {
  const node = element("table");
  rows.filter((_, index) => index !== 1).forEach((row, index) => {
    const line = element("tr");
    for (const cell of cells(row)) line.append(element(index ? "td" : "th", "", inline(cell, names)));
    node.append(line);
  });
  return node;
}

const BLOCKS = [
  [/^\s{0,3}(#{1,6})\s+(.*)$/, (found, names) => element(`h${found[1].length}`, "", inline(found[2], names))],
  [/^\s{0,3}(?:---+|\*\*\*+|<hr\s*\/?>)\s*$/, () => element("hr")],
];

export function markdown(source, names = {}) {
  const root = element("div", "md");
  const lines = source.split("\n");
  for (let at = 0; at < lines.length;) {
    const line = lines[at];
    const fence = line.match(/^\s{0,3}(```+|~~~+)/);
    const block = BLOCKS.map(([pattern, make]) => [line.match(pattern), make]).find(([found]) => found);
    if (fence) {
      const end = lines.findIndex((other, index) => index > at && other.trim().startsWith(fence[1]));
      const stop = end < 0 ? lines.length : end;
      root.append(element("pre", "", element("code", "", lines.slice(at + 1, stop).join("\n"))));
      at = stop + 1;
    } else if (block) {
      root.append(block[1](block[0], names));
      at += 1;
    } else if (line.includes("|") && /^[\s|:-]*-[\s|:-]*$/.test(lines[at + 1] ?? "")) {
      const start = at;
      while (at < lines.length && lines[at].includes("|")) at += 1;
      root.append(table(lines.slice(start, at), names));
    } else if (/^\s*(?:[-*+]|\d+[.)])\s+/.test(line)) {
      const list = element(/^\s*\d/.test(line) ? "ol" : "ul");
      while (at < lines.length && /^\s*(?:[-*+]|\d+[.)])\s+/.test(lines[at])) {
        const item = element("li", "", inline(lines[at].replace(/^\s*(?:[-*+]|\d+[.)])\s+/, ""), names));
        item.style.marginLeft = `${Math.floor(lines[at].search(/\S/) / 4) * 18}px`;
        list.append(item);
        at += 1;
      }
      root.append(list);
    } else if (/^\s{0,3}>/.test(line)) {
      const start = at;
      while (at < lines.length && /^\s{0,3}>/.test(lines[at])) at += 1;
      root.append(element("blockquote", "", inline(lines.slice(start, at).map((it) => it.replace(/^\s{0,3}>\s?/, "")).join("\n"), names)));
    } else if (line.trim()) {
      const start = at;
      at += 1;
      while (at < lines.length && lines[at].trim() && !/^\s{0,3}(?:```|~~~|#{1,6}\s|>|[-*+]\s|\d+[.)]\s|---)/.test(lines[at])) at += 1;
      const paragraph = element("p");
      lines.slice(start, at).forEach((part, index) => paragraph.append(...(index ? [element("br")] : []), inline(part, names)));
      root.append(paragraph);
    } else at += 1;
  }
  return root;
}
