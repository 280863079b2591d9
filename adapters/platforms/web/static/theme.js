// Runs before the first paint, so that a dark page never flashes white.
(() => {
  let chosen = null;
  try { chosen = localStorage.getItem("glimmer.theme"); } catch { /* storage may be forbidden */ }
  const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
