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

// What every page begins with is asked for while its code still comes; the code takes it from here (api/early.ts).
(() => {
  const paths = ["/v1/session", "/v1/workspace", "/v1/metrics", "/v1/dashboards", "/v1/colours", "/v1/recommendations?limit=60"];
  const dashboard = /^\/d\/([^/]+)\/?$/.exec(location.pathname);
  if (dashboard) paths.push(`/v1/dashboards/${dashboard[1]}`, "/v1/routes");
  const asked = paths.map((path) => {
    const answer = fetch(path, { credentials: "same-origin", headers: { accept: "application/json" } });
    // Who takes it hears of its failure; where nobody does, nobody has to.
    answer.catch(() => {});
    return [path, answer];
  });
  window.assayEarly = { at: performance.now(), asked: new Map(asked) };
})();
