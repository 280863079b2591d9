// The few pictures that the page needs, drawn here so that no font must have them.
const PATHS = {
  lock: "M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7zm1.5 0h3V5a1.5 1.5 0 0 0-3 0z",
  up: "M1.5 7h3v7h-3zM6 7l2.6-5.6c1.4 0 2 .9 1.8 2.2L10 6h3.4c.9 0 1.5.8 1.3 1.7l-1.2 5c-.2.8-.8 1.3-1.6 1.3H6z",
  bin: "M6 1.5h4V3h3.5v1.5h-11V3H6zM3.5 5.5h9l-.7 9H4.2z",
  page: "M3.5 1.5h6l3 3v10h-9zM9 3v2.5h2.5z",
};

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", `icon ${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", PATHS[name === "down" ? "up" : name]);
  svg.append(path);
  return svg;
}
