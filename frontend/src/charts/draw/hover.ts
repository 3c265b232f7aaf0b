import { markText, type Plan, shareText, sizeOf } from "../plan";
import { type Colour, hueToken } from "./palette";

const STATES = {
  whole: "",
  so_far: ", so far",
  cut: ", cut by the window",
  ahead: ", if it goes on like this",
};

/** What one band holds, for whoever points at it. Built of elements, not of markup: names come from data. */
export function hoverBox(plan: Plan, at: number, colour: Colour): HTMLElement {
  const box = document.createElement("div");
  const band = plan.bands[at];
  if (!band) return box;
  box.append(band.label + STATES[band.state]);
  const cells = plan.series.map((series, index) => {
    const bar = plan.bars.find((each) => each.series === index && each.band === at);
    const line = plan.lines.find((each) => each.series === index);
    const share = bar ? sizeOf(bar) : (line?.to[at] ?? 0) - (line?.base?.[at] ?? 0);
    const value = bar ? bar.value : (line?.values[at] ?? null);
    return {
      series,
      text: value === null ? null : markText(plan, index, value),
      share: plan.isShare ? `${shareText(share)} · ` : "",
    };
  });
  for (const { series, text, share } of cells) {
    // What lies ahead has its pace alone; what is over has none.
    if ((band.state === "ahead") !== (series.role === "ahead")) continue;
    // Not every bucket has a target, and none lacks one.
    if (series.role === "target" && text === null) continue;
    const row = box.appendChild(document.createElement("div"));
    row.style.cssText = "display:flex;gap:8px;align-items:center";
    const mark = row.appendChild(document.createElement("i"));
    mark.style.cssText = `width:8px;height:8px;border-radius:2px;background:${colour(hueToken(series.hue))}`;
    row.append(series.name);
    const told = row.appendChild(document.createElement("b"));
    told.style.cssText = "margin-left:auto;padding-left:14px;font-weight:560";
    told.textContent = text === null ? "no data" : share + text;
  }
  for (const { text } of (plan.notes ?? []).filter(({ from, to }) => from <= at && at <= to)) {
    const row = box.appendChild(document.createElement("div"));
    row.style.cssText = "max-width:260px;white-space:normal;padding-top:3px;opacity:.75";
    row.textContent = `⚑ ${text}`;
  }
  return box;
}
