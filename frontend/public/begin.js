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
  if (/^\/(d\/.*)?$/.test(location.pathname)) document.documentElement.dataset.begins = "tiles";
})();

// What every page begins with is asked for while its code still comes, and on a dashboard the figures too; the code takes it from
// here (api/early.ts).
(() => {
  const asked = new Map();
  const ask = (path, init) => {
    const answer = fetch(path, { credentials: "same-origin", headers: { accept: "application/json" }, ...init });
    // Who takes it hears of its failure; where nobody does, nobody has to.
    answer.catch(() => {});
    asked.set(path + (init?.body ?? ""), answer);
    return answer;
  };
  const read = async (answer) => {
    const response = await answer;
    // Read beside the page, which reads it too. What was refused is the page's to tell.
    return response.ok ? response.clone().json() : Promise.reject(response.status);
  };
  window.assayEarly = { at: performance.now(), asked };

  // As many as the page asks for in one go, and in its order: from the top, from the left, a figure before its line.
  const askFigures = ({ tiles }) => {
    const questions = [...tiles]
      .sort((a, b) => a.y - b.y || a.x - b.x)
      .filter(({ widget }) => widget.kind !== "text")
      .flatMap(({ widget }) => (widget.spark ? [widget.question, widget.spark] : [widget.question]))
      .map((question) => JSON.stringify(question));
    const each = [...new Set(questions)].slice(0, 64).map((text, index) => ({ ...JSON.parse(text), key: `q${index}` }));
    if (each.length === 0) return;
    const headers = { accept: "application/x-ndjson", "content-type": "application/json" };
    ask("/v1/data", { method: "POST", headers, body: JSON.stringify({ questions: each }) });
  };
  // A window or a condition in the address makes other questions of them.
  const isPlain = !/[?&](window=|[a-z_]+\.)/.test(location.search);
  const begin = async (dashboard) => {
    const tiles = await read(ask(`/v1/dashboards/${dashboard}`));
    if (isPlain) askFigures(tiles);
  };

  const dashboard = /^\/d\/([^/]+)\/?$/.exec(location.pathname);
  if (dashboard) begin(dashboard[1]).catch(() => {});
  const workspace = read(ask("/v1/workspace"));
  const home = workspace.then(({ dashboards: [first] }) => {
    if (location.pathname === "/" && first) return begin(encodeURIComponent(first.dashboard_id));
  });
  home.catch(() => {});
  ask("/v1/session");
  if (dashboard || location.pathname === "/") ask("/v1/routes");
  for (const path of ["/v1/metrics", "/v1/colours", "/v1/dashboards", "/v1/recommendations?limit=60"]) ask(path);
})();
