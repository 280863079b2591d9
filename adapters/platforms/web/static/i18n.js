// All words of the page, in English and Chinese.
import { recall, remember } from "./dom.js";

function ordinal(n) {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${{ 1: "st", 2: "nd", 3: "rd" }[n % 10] ?? "th"}`;
}

const about = (seconds) => (seconds < 90 ? Math.max(5, Math.round(seconds / 5) * 5) : null);

const WORDS = {
  en: {
    skip: "Skip to the question box", threads: "Chats", newThread: "New chat", menu: "Show chats",
    conversation: "Conversation", latest: "Jump to latest", dropHere: "Drop pictures and files here",
    fine: "Answers come from a model and may be wrong.", largePicture: "Picture", close: "Close",
    toDark: "Switch to dark", toLight: "Switch to light", otherLanguage: "中文", you: "You", bot: "Glimmer",
    question: "Your question", placeholder: "Ask anything, or drop a picture", send: "Send", stop: "Stop",
    attach: "Attach pictures or files", picture: "Paint a picture", size: "Size of the picture",
    remove: (name) => `Remove ${name}`, deleteThread: (title) => `Delete “${title}” from this list`,
    deleted: "Chat removed from this list", undo: "Undo", untitled: "New chat",
    copy: "Copy", copied: "Copied", copyCode: "Copy code", copyAnswer: "Copy answer",
    regenerate: "Regenerate", like: "Good answer", dislike: "Bad answer", thanks: "Thanks for telling us.",
    working: "Working on it", next: "Next in line",
    inLine: (n) => (n === 1 ? "Next in line" : `${ordinal(n)} in line`),
    about: (s) => (about(s) ? `about ${about(s)} s` : `about ${Math.round(s / 60)} min`),
    thinking: (s) => (s > 1 ? `Thinking… ${s} s` : "Thinking…"),
    thought: (s) => (s ? `Thought for ${s} s` : "Thoughts"),
    sending: "Sending…", uploading: (p) => `Uploading ${p} %`, notSent: "Not sent", tryAgain: "Try again",
    stopped: "Stopped.", failed: "This answer could not be finished.", refused: "This question was refused.",
    lost: "Connection lost. Reconnecting…", away: "Glimmer cannot be reached. Trying again…",
    table: "Table", remoteImage: (alt) => `Picture: ${alt || "open link"}`, openPicture: "Open larger",
    openFile: (name) => `Open ${name}`, answered: (text) => `Glimmer: ${text}`, tooManyFiles: "At most 10 files fit into one message.",
    actionFailed: "That did not work. Please try again.", tooLarge: "too large to keep",
    hello: "What shall we look into?", helloMore: "Ask in words, show a picture, or have one painted. Answers appear as they are written.",
    examples: [
      { icon: "picture", title: "Ask about a picture", text: "What is in this picture, and what stands out?", files: true },
      { icon: "brush", title: "Paint something", text: "/imagine a lighthouse at dusk, its light on calm water, woodblock print" },
      { icon: "code", title: "Write some code", text: "Write a Python function that finds the longest palindrome in a text, with a short test." },
      { icon: "table", title: "Compare in a table", text: "Compare Redis Streams, RabbitMQ and Kafka for 10,000 messages per second in a table." },
    ],
  },
  zh: {
    skip: "跳到输入框", threads: "会话", newThread: "新会话", menu: "显示会话列表",
    conversation: "对话", latest: "回到最新", dropHere: "把图片或文件拖到这里",
    fine: "回答由模型生成，可能有误。", largePicture: "图片", close: "关闭",
    toDark: "切换到深色", toLight: "切换到浅色", otherLanguage: "English", you: "你", bot: "Glimmer",
    question: "你的问题", placeholder: "问点什么，或拖入一张图片", send: "发送", stop: "停止",
    attach: "添加图片或文件", picture: "画一张图", size: "图片尺寸",
    remove: (name) => `移除 ${name}`, deleteThread: (title) => `从列表中删除“${title}”`,
    deleted: "会话已从列表移除", undo: "撤销", untitled: "新会话",
    copy: "复制", copied: "已复制", copyCode: "复制代码", copyAnswer: "复制回答",
    regenerate: "重新生成", like: "回答得好", dislike: "回答不好", thanks: "感谢反馈。",
    working: "正在处理", next: "下一个就是你",
    inLine: (n) => (n === 1 ? "下一个就是你" : `排在第 ${n} 位`),
    about: (s) => (about(s) ? `约 ${about(s)} 秒` : `约 ${Math.round(s / 60)} 分钟`),
    thinking: (s) => (s > 1 ? `思考中… ${s} 秒` : "思考中…"),
    thought: (s) => (s ? `思考了 ${s} 秒` : "思考过程"),
    sending: "发送中…", uploading: (p) => `上传中 ${p}%`, notSent: "未发送", tryAgain: "重试",
    stopped: "已停止。", failed: "这个回答没能完成。", refused: "这个问题被拒绝了。",
    lost: "连接已断开，正在重连…", away: "暂时连不上 Glimmer，正在重试…",
    table: "表格", remoteImage: (alt) => `图片：${alt || "打开链接"}`, openPicture: "查看大图",
    openFile: (name) => `打开 ${name}`, answered: (text) => `Glimmer：${text}`, tooManyFiles: "一条消息最多 10 个文件。",
    actionFailed: "操作没有成功，请重试。", tooLarge: "太大，未保存",
    hello: "今天想看看什么？", helloMore: "可以提问、发一张图片，或者让我画一张。回答会边写边显示。",
    examples: [
      { icon: "picture", title: "问一张图片", text: "这张图片里有什么？最引人注意的是什么？", files: true },
      { icon: "brush", title: "画一张图", text: "/imagine 黄昏的灯塔，灯光落在平静的水面上，木刻版画风格" },
      { icon: "code", title: "写一段代码", text: "用 Python 写一个函数，找出文本中最长的回文，并附一个简短的测试。" },
      { icon: "table", title: "用表格比较", text: "用表格比较 Redis Streams、RabbitMQ 和 Kafka，场景是每秒一万条消息。" },
    ],
  },
};

const listeners = new Set();
let language = recall("language", null) ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

export const currentLanguage = () => language;

export function t(key, ...values) {
  const words = WORDS[language][key];
  return typeof words === "function" ? words(...values) : words;
}

export function setLanguage(name) {
  language = name;
  remember("language", name);
  translatePage();
}

export function onLanguage(listener) {
  listeners.add(listener);
}

export function translatePage() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const element of document.querySelectorAll("[data-i18n]")) element.textContent = t(element.dataset.i18n);
  for (const element of document.querySelectorAll("[data-i18n-label]")) {
    element.setAttribute("aria-label", t(element.dataset.i18nLabel));
  }
  for (const listener of listeners) listener();
}
