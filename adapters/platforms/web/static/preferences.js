// Light or dark, English or Chinese, and the drawer of chats on small screens.
import { icon } from "./dom.js";
import { currentLanguage, onLanguage, setLanguage, t } from "./i18n.js";

const root = document.documentElement;

function drawTheme(button) {
  const isDark = root.dataset.theme === "dark";
  const label = t(isDark ? "toLight" : "toDark");
  button.replaceChildren(icon(isDark ? "sun" : "moon"));
  button.setAttribute("aria-label", label);
  button.title = label;
  document.querySelector("meta[name=theme-color]").content = isDark ? "#0f1516" : "#f6f8f7";
}

function startTheme() {
  const button = document.getElementById("theme");
  button.addEventListener("click", () => {
    root.dataset.theme = root.dataset.theme === "dark" ? "light" : "dark";
    // Read before the first paint by theme.js, so it is stored as a bare word.
    try { localStorage.setItem("glimmer.theme", root.dataset.theme); } catch { /* kept for this visit only */ }
    drawTheme(button);
  });
  onLanguage(() => drawTheme(button));
}

function startLanguage() {
  const button = document.getElementById("language");
  button.addEventListener("click", () => setLanguage(currentLanguage() === "zh" ? "en" : "zh"));
  onLanguage(() => {
    button.textContent = t("otherLanguage");
    button.lang = currentLanguage() === "zh" ? "en" : "zh";
  });
}

function startDrawer() {
  const menu = document.getElementById("menu");
  const sidebar = document.getElementById("sidebar");
  const veil = document.getElementById("veil");
  const narrow = matchMedia("(max-width: 760px)");
  const show = (isOpen) => {
    sidebar.classList.toggle("open", isOpen);
    sidebar.inert = narrow.matches && !isOpen; // a closed drawer is no place for the keyboard
    document.getElementById("main").inert = narrow.matches && isOpen;
    veil.hidden = !(narrow.matches && isOpen);
    menu.setAttribute("aria-expanded", String(isOpen));
  };
  const close = () => {
    if (!sidebar.classList.contains("open")) return;
    show(false);
    menu.focus();
  };
  menu.addEventListener("click", () => { show(true); document.getElementById("new-thread").focus(); });
  veil.addEventListener("click", close);
  addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  addEventListener("hashchange", () => show(false));
  narrow.addEventListener("change", () => show(false));
  show(false);
}

export function startPreferences() {
  startTheme();
  startLanguage();
  startDrawer();
}
