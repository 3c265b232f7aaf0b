// Before anything is painted: the theme that was chosen here, or the system's. The page itself goes on from there (ui/theme.ts).
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("assay.theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const isDark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = isDark ? "dark" : "light";
})();
