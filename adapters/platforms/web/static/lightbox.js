// Shows a picture large; the dialog element brings Escape and the focus trap.
import { h, iconButton } from "./dom.js";
import { t } from "./i18n.js";

export function showLarge(url, alt) {
  const dialog = document.getElementById("lightbox");
  dialog.replaceChildren(
    iconButton("close", t("close"), () => dialog.close()),
    h("figure", {}, h("img", { src: url, alt }), alt ? h("figcaption", {}, alt) : null),
  );
  dialog.onclick = (event) => { if (event.target.tagName !== "IMG") dialog.close(); };
  dialog.onclose = () => dialog.replaceChildren();
  dialog.showModal();
}

export function thumbnail(url, alt, { width, height, className = "shown" } = {}) {
  const image = h("img", { src: url, alt, loading: "lazy", decoding: "async", width: width || null, height: height || null });
  return h("button", { type: "button", class: className, "aria-label": `${t("openPicture")}: ${alt}`, onclick: () => showLarge(url, alt) }, image);
}
