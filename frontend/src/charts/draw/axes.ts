/** Axes of charts as ECharts wants them: their range and their steps are the plan's. */
import type { Scale } from "../plan";
import { LABELS } from "../rules/axisWords";
import { axisText } from "../scale";
import { type Look, sized, write } from "./look";

/** From an axis to its labels: with larger letters the lowest value would stand among the days. */
export const labelGap = (look: Look) => sized(look, 8);

/** Without lines of their own, and each at its edge, wherever 0 is. */
export const bare = {
  axisLine: { show: false, onZero: false },
  axisTick: { show: false },
  splitLine: { show: false },
};

/** The axis of values: its range is the plan's, and above it stands whose it is, or why it does not begin at 0. */
export function valueAxis(held: Scale, look: Look, align: "left" | "right", isShare = false) {
  const scale = isShare ? { ...held, unit: "percent" } : held;
  // Of many on one scale it is said once, below them.
  const name = look.isSmall ? null : (scale.reason ?? scale.name);
  return {
    type: "value",
    position: align,
    ...bare,
    min: scale.low,
    max: scale.high,
    interval: scale.step,
    ...(name ? { name, nameLocation: "end", nameGap: 10, nameTextStyle: { ...write(look), align } } : {}),
    splitLine: { lineStyle: { color: look.colour("--line") } },
    axisLabel: {
      ...write(look),
      formatter: (value: number) =>
        look.isSmall && value !== scale.low && value !== scale.high ? "" : axisText(value, scale),
    },
  };
}

/** Under classes stand the edges between them, few enough that each can be read. */
export function edgeAxis(edges: Scale, look: Look) {
  const { low, high, step } = edges;
  const count = Math.round((high - low) / step);
  const stride = Math.ceil(count / LABELS);
  const last = Number((low + (count - (count % stride)) * step).toPrecision(12));
  return {
    type: "value",
    position: "bottom",
    ...bare,
    min: low,
    max: high,
    interval: stride * step,
    axisPointer: { show: false },
    axisLabel: {
      ...write(look),
      margin: labelGap(look),
      hideOverlap: true,
      showMaxLabel: last === high,
      formatter: (value: number) => axisText(value, { ...edges, high: last }),
    },
  };
}
