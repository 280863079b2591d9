// Builds elements; text is always text, never HTML.

export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

export function icon(name, className = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onclick, className = "quiet icon-only") {
  return h("button", { type: "button", class: className, "aria-label": label, title: label, onclick }, icon(name));
}

// Storage may be forbidden (private windows, policies); the page works without it.
export function remember(key, value) {
  try { localStorage.setItem(`glimmer.${key}`, JSON.stringify(value)); } catch { /* kept for this visit only */ }
}

export function recall(key, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(`glimmer.${key}`)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function newId() {
  // crypto.randomUUID exists on https and localhost only; the page is also opened over plain http in an office.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { class: "unseen", readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

// A copy button that says so for a moment.
export function copyButton(label, doneLabel, text) {
  const button = iconButton("copy", label, async () => {
    await copyText(text());
    button.replaceChildren(icon("check"));
    button.setAttribute("aria-label", doneLabel);
    setTimeout(() => {
      button.replaceChildren(icon("copy"));
      button.setAttribute("aria-label", label);
    }, 1600);
  });
  return button;
}

let toastTimer;
export function toast(text, action) {
  const place = document.getElementById("toasts");
  const note = h("div", { class: "toast" }, h("span", {}, text));
  if (action) {
    note.append(h("button", { type: "button", onclick: () => { action.run(); place.replaceChildren(); } }, action.label));
  }
  place.replaceChildren(note);
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), 7000);
}
