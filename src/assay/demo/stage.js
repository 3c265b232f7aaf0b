/* What the film adds to the page: a caption, a cursor, a terminal, the edited line. Nothing of it takes a click. */
(() => {
  if (window.top !== window || window.__assayStage) return;
  const font = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";
  const mono = "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace";
  const held = { caption: "", card: null };
  let layer, caption, card, cursor;

  const make = (parent, css, text) => {
    const made = document.createElement("div");
    made.style.cssText = css;
    if (text !== undefined) made.textContent = text;
    parent.appendChild(made);
    return made;
  };

  const build = () => {
    layer = document.createElement("div");
    layer.setAttribute("aria-hidden", "true");
    layer.style.cssText = "position:fixed;inset:0;z-index:2147483000;pointer-events:none";
    document.documentElement.appendChild(layer);
    caption = make(layer, `position:absolute;left:50%;bottom:26px;transform:translateX(-50%);max-width:1180px;width:max-content;
      padding:11px 22px;border-radius:14px;background:rgba(12,14,18,.9);color:#fff;font:500 21px/1.35 ${font};
      text-align:center;box-shadow:0 10px 40px rgba(0,0,0,.35);transition:opacity .25s`);
    card = make(layer, `position:absolute;left:50%;top:205px;transform:translateX(-50%);width:900px;border-radius:14px;
      overflow:hidden;background:#10141a;color:#dfe6ee;font:400 16px/1.55 ${mono};
      box-shadow:0 18px 70px rgba(0,0,0,.45);transition:opacity .25s`);
    cursor = make(layer, `position:absolute;left:0;top:0;width:26px;height:26px;margin:-13px 0 0 -13px;border-radius:50%;
      background:rgba(255,176,32,.55);border:2.5px solid rgba(140,84,0,.9);transition:transform .12s`);
    show();
    setInterval(place, 100);
  };

  /* Where a dialog has its buttons at the foot of the screen, the caption stands at its head. */
  const place = () => {
    const feet = [...document.querySelectorAll("[role=dialog] footer")];
    const isTaken = feet.some((foot) => foot.getBoundingClientRect().bottom > window.innerHeight - 100);
    caption.style.top = isTaken ? "10px" : "auto";
    caption.style.bottom = isTaken ? "auto" : "26px";
  };

  const show = () => {
    if (!layer) return;
    place();
    caption.textContent = held.caption;
    caption.style.opacity = held.caption ? "1" : "0";
    card.replaceChildren();
    card.style.opacity = held.card ? "1" : "0";
    if (!held.card) return;
    make(card, `padding:9px 20px;background:#1b222c;color:#93a1b1;font:500 13px/1.4 ${font}`, held.card.title);
    const body = make(card, "padding:14px 20px 18px;white-space:pre-wrap;overflow-wrap:anywhere");
    for (const [text, colour] of held.card.lines) make(body, `color:${colour}`, text);
  };

  window.__assayStage = {
    caption(words) { held.caption = words; show(); },
    card(title, lines) { held.card = title === null ? null : { title, lines }; show(); },
  };
  document.addEventListener("mousemove", (event) => {
    if (cursor) { cursor.style.left = `${event.clientX}px`; cursor.style.top = `${event.clientY}px`; }
  }, true);
  document.addEventListener("mousedown", () => { if (cursor) cursor.style.transform = "scale(.6)"; }, true);
  document.addEventListener("mouseup", () => { if (cursor) cursor.style.transform = "scale(1)"; }, true);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", build);
  else build();
})();
