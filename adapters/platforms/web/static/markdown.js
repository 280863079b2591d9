// Markdown of a growing answer: parsed in blocks, so that only what changed is drawn anew.
import { Marked } from "./vendor/marked.esm.js";
import { copyButton, h } from "./dom.js";
import { t } from "./i18n.js";

const purify = globalThis.DOMPurify;
const SAFE_LINK = /^(?:https?|mailto):/i;
const RULES = {
  ALLOWED_TAGS: [
    "a", "b", "blockquote", "br", "code", "del", "details", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "input",
    "kbd", "li", "mark", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td",
    "th", "thead", "tr", "u", "ul",
  ],
  ALLOWED_ATTR: ["href", "title", "class", "align", "start", "type", "checked", "disabled", "colspan", "rowspan", "open"],
  ALLOWED_URI_REGEXP: SAFE_LINK,
  // Their values are no links, so the rule for links must not judge them.
  ADD_URI_SAFE_ATTR: ["align", "start", "type", "checked", "disabled", "colspan", "rowspan", "open"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};
// Bare in a text it is rather spoken of than meant.
const DRAWN_TAGS = new Set(RULES.ALLOWED_TAGS.filter((tag) => tag !== "input"));

purify.addHook("uponSanitizeAttribute", (node, data) => {
  // Of classes only those that name a code's language or its colours: others could borrow the page's own looks.
  if (data.attrName === "class" && !/^(language-[\w+#.-]{1,40}|hljs-[\w -]{1,60})$/.test(data.attrValue)) data.keepAttr = false;
});
purify.addHook("afterSanitizeAttributes", (node) => {
  if (node.nodeName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer");
  }
  if (node.nodeName === "INPUT") {
    // Only the box of a task list.
    if (node.getAttribute("type") !== "checkbox") node.remove();
    else node.setAttribute("disabled", "");
  }
});

const escapeHtml = (text) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // Words about HTML ("use the <div> element") must not lose it: what is not drawn as a tag is shown as text.
    html: ({ text }) => text.replace(/<(?!\/?([a-z][a-z0-9]*)\b)|<\/?([a-z][a-z0-9]*)\b/gi, (sign, _, name) =>
      DRAWN_TAGS.has(name?.toLowerCase()) ? sign : `&lt;${sign.slice(1)}`),
    // A picture elsewhere would tell its host who reads; the page's own pictures do not come through Markdown.
    image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(t("remoteImage", text))}</a>`,
  },
  extensions: [{
    // CommonMark does not see **「粗体」**后 as bold, because no space follows; Chinese has none.
    name: "cjkStrong",
    level: "inline",
    start: (source) => source.indexOf("**"),
    tokenizer(source) {
      const match = /^\*\*(?!\s)([^*\n]+?)\*\*(?=[\u3000-\u9fff\uff00-\uffef])/.exec(source);
      return match ? { type: "cjkStrong", raw: match[0], tokens: this.lexer.inlineTokens(match[1]) } : undefined;
    },
    renderer(token) {
      return `<strong>${this.parser.parseInline(token.tokens)}</strong>`;
    },
  }],
});

export function safeFragment(html) {
  return purify.sanitize(html, RULES);
}

let highlighter;
function loadHighlighter() {
  highlighter ??= import("./vendor/highlight.min.js").then((module) => module.default);
  return highlighter;
}

async function paint(code) {
  const language = /language-(\S+)/.exec(code.className)?.[1];
  if (!language || code.textContent.length > 50_000) return;
  const hljs = await loadHighlighter();
  if (!hljs.getLanguage(language)) return;
  const { value } = hljs.highlight(code.textContent, { language, ignoreIllegals: true });
  code.replaceChildren(safeFragment(value));
}

function frameCode(pre, isWhole) {
  const code = pre.querySelector("code") ?? pre;
  const language = /language-(\S+)/.exec(code.className)?.[1] ?? "";
  const frame = h("div", { class: "code", dir: "ltr" },
    h("div", { class: "code-top" }, h("span", {}, language), copyButton(t("copyCode"), t("copied"), () => code.textContent)));
  pre.replaceWith(frame);
  pre.tabIndex = 0;
  frame.append(pre);
  if (isWhole) paint(code);
}

function frameTable(table) {
  const frame = h("div", { class: "table", role: "region", tabindex: "0", "aria-label": t("table") });
  table.replaceWith(frame);
  frame.append(table);
}

function drawBlock(token, isWhole) {
  const block = h("div", { class: "block", dir: "auto" }, safeFragment(marked.parser([token])));
  for (const pre of block.querySelectorAll("pre")) frameCode(pre, isWhole);
  for (const table of block.querySelectorAll("table")) frameTable(table);
  return block;
}

export class MarkdownView {
  constructor(element) {
    this.element = element;
    this.drawn = [];
  }

  // Draws the text; with isFinal the last block is known to be whole.
  update(text, isFinal) {
    const tokens = marked.lexer(text).filter((token) => token.type !== "space" && token.type !== "def");
    tokens.forEach((token, index) => {
      const isWhole = isFinal || index < tokens.length - 1;
      const former = this.drawn[index];
      // A code block is drawn once more when it is whole, for its colours.
      const needsPaint = token.type === "code" && former && former.isWhole !== isWhole;
      if (former && former.raw === token.raw && !needsPaint) return;
      const block = drawBlock(token, isWhole);
      if (former) former.block.replaceWith(block);
      else this.element.append(block);
      this.drawn[index] = { raw: token.raw, block, isWhole };
    });
    for (const { block } of this.drawn.splice(tokens.length)) block.remove();
  }
}
