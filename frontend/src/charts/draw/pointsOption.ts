/** Points as an option of ECharts: both axes are the plan's, and each point has its name at the pointer. */
import type { CustomSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import { clipped, cutNames } from "../cut";
import type { Axis, Points } from "../further/drawn";
import { axisText } from "../scale";
import { bare } from "./axes";
import { FONT, LETTER, type Look, SIZE, sized, write } from "./look";
import { hueToken } from "./palette";

/** So many points have their names beside them; more would be told apart by nobody. */
const MOST_NAMED = 15;
const RADIUS = 4.5;
const NAME_LETTERS = 18;

export function pointsOption({ x, y, points }: Points, look: Look): EChartsCoreOption {
  const letters = write(look);
  const isNamed = points.length <= MOST_NAMED && look.withNames;
  const cutOf = cutNames(isNamed ? points.map(({ name }) => name) : []);
  const shortName = (name: string) => clipped(cutOf(name), NAME_LETTERS);
  const axis = (held: Axis) => ({
    type: "value",
    ...bare,
    min: held.low,
    max: held.high,
    interval: held.step,
    splitLine: { lineStyle: { color: look.colour("--line") } },
    axisLabel: { ...letters, hideOverlap: true, formatter: (value: number) => axisText(value, held) },
  });
  // A name that would lie over another is left to the pointer.
  const placed: { x: number; y: number; width: number }[] = [];
  const hasRoom = (cx: number, cy: number, name: string) => {
    const box = { x: cx, y: cy, width: sized(look, shortName(name).length * LETTER) };
    const lies = ({ x: left, y: middle, width }: typeof box) =>
      Math.abs(middle - cy) < sized(look, SIZE) * 1.2 && left < cx + box.width && cx < left + width;
    if (placed.some(lies)) return false;
    placed.push(box);
    return true;
  };
  const renderItem: NonNullable<CustomSeriesOption["renderItem"]> = (params, api) => {
    const point = points[params.dataIndex];
    if (!point) return null;
    if (params.dataIndex === 0) placed.length = 0;
    const [cx = 0, cy = 0] = api.coord([point.x, point.y]);
    const fill = look.colour(hueToken(point.hue));
    const circle = {
      type: "circle" as const,
      shape: { cx, cy, r: RADIUS },
      // Where points lie on one another, the rim tells how many there are.
      style: { fill, opacity: 0.75, stroke: look.colour("--surface"), lineWidth: 1 },
    };
    const name = {
      type: "text" as const,
      silent: true,
      style: {
        text: shortName(point.name),
        x: cx + RADIUS + 4,
        y: cy,
        verticalAlign: "middle" as const,
        fill: look.colour("--faint"),
        font: `${sized(look, SIZE)}px ${FONT}`,
      },
    };
    return { type: "group", children: isNamed && hasRoom(cx, cy, point.name) ? [circle, name] : [circle] };
  };
  return {
    animation: false,
    grid: {
      left: 2,
      right: isNamed ? sized(look, 60) : 16,
      top: sized(look, 24),
      bottom: sized(look, 24),
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      ...axis(x),
      // In the corner it would lie over the lowest label of the other axis.
      axisLabel: { ...axis(x).axisLabel, ...(x.low === 0 ? {} : { alignMinLabel: "left" }) },
      name: x.name,
      nameLocation: "middle",
      nameGap: sized(look, 24),
      nameTextStyle: letters,
    },
    yAxis: {
      ...axis(y),
      name: y.reason ?? y.name,
      nameLocation: "end",
      nameGap: 10,
      nameTextStyle: { ...letters, align: "left" },
    },
    tooltip: {
      trigger: "item",
      confine: true,
      backgroundColor: look.colour("--surface"),
      borderColor: look.colour("--line"),
      padding: [6, 10],
      textStyle: { color: look.colour("--ink"), fontSize: sized(look, 12), fontFamily: FONT },
      // An element and no markup: names come from data.
      formatter: (pointed: unknown) => {
        const box = document.createElement("div");
        const point = points[(pointed as { dataIndex: number }).dataIndex];
        if (!point) return box;
        for (const text of [point.name, `${x.name} ${point.texts[0]}`, `${y.name} ${point.texts[1]}`]) {
          box.appendChild(document.createElement("div")).textContent = text;
        }
        return box;
      },
    },
    series: [
      { type: "custom", name: "points", z: 3, data: points.map((each) => [each.x, each.y]), renderItem },
    ],
  };
}
