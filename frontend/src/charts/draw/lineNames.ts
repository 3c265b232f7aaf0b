/** Names at the ends of lines, where there is room for them. */
import type { CustomSeriesOption } from "echarts/charts";
import { apart } from "../apart";
import { clipped, cutNames } from "../cut";
import type { Line, Plan } from "../plan";
import { FONT, LETTER, type Look, SIZE, sized, write } from "./look";
import { hueToken } from "./palette";

type Render = NonNullable<CustomSeriesOption["renderItem"]>;

/** As long as they may be. */
const NAME_LETTERS = 22;
/** From one name to the next. */
const NAME_GAP = 13;

/** A line alone is named by its tile; what was before, and every one of several, by its end. */
function isNamed(line: Line, plan: Plan, look: Look): boolean {
  const isOne = plan.series.filter(({ role }) => role === "own").length === 1;
  return look.withNames && (!isOne || plan.series[line.series]?.role !== "own");
}

/** Names at the ends of lines, pushed apart so that each can be read; of a stack in the middle of their part. */
export function lineNames(plan: Plan, look: Look): CustomSeriesOption[] {
  const named = plan.lines.flatMap((line) => {
    const series = plan.series[line.series];
    const band = line.to.findLastIndex((value) => value !== null);
    const [to, base] = [line.to[band] ?? 0, plan.isStacked ? (line.base?.[band] ?? 0) : null];
    return series && band !== -1 && !plan.second && isNamed(line, plan, look)
      ? [{ series, at: [band, base === null ? to : (to + base) / 2] as [number, number] }]
      : [];
  });
  if (named.length === 0) return [];
  const cutOf = cutNames(named.map(({ series }) => series.name));
  const renderItem: Render = (params, api) => {
    const place = params.coordSys as unknown as { x: number; y: number; width: number; height: number };
    const wanted = named.map(({ at }) => api.coord(at)[1] ?? 0);
    const placed = apart(wanted, sized(look, NAME_GAP), place.y + 5, place.y + place.height - 5);
    const x = place.x + place.width + 9;
    return {
      type: "group",
      children: named.flatMap(({ series }, index) => {
        const y = placed[index] ?? 0;
        const style = {
          ...write(look),
          fill: look.colour("--faint"),
          font: `${sized(look, SIZE)}px ${FONT}`,
        };
        const text = {
          x: x + 8,
          y,
          text: clipped(cutOf(series.name), NAME_LETTERS),
          verticalAlign: "middle" as const,
        };
        return [
          {
            type: "circle",
            shape: { cx: x, cy: y, r: sized(look, 3) },
            style: { fill: look.colour(hueToken(series.hue)) },
          },
          { type: "text", style: { ...style, ...text } },
        ] as never[];
      }),
    };
  };
  return [{ type: "custom", name: "names", silent: true, z: 4, data: [[0, 0]], renderItem }];
}

/** Room at the right for names at line ends. */
export function nameRoom(plan: Plan, look: Look): number {
  const named = plan.lines.filter((line) => isNamed(line, plan, look));
  const longest = Math.max(0, ...named.map(({ series }) => plan.series[series]?.name.length ?? 0));
  if (longest === 0 || plan.second) return plan.second ? 2 : 14;
  return 26 + sized(look, Math.min(longest, NAME_LETTERS) * LETTER);
}
