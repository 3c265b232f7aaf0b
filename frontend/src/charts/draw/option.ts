/** A plan as an option of ECharts. Nothing is decided here: marks stand where the plan says, and the axis is the plan's. */
import type { CustomSeriesOption, LineSeriesOption } from "echarts/charts";
import type { EChartsCoreOption } from "echarts/core";
import { TONE_VARIABLE } from "@/ui/tones";
import { clipped, cutNames } from "../cut";
import { type Bar, type Line, markText, type Plan, type Tick } from "../plan";
import { ticksOf } from "../rules/axisWords";
import { bare, edgeAxis, labelGap, valueAxis } from "./axes";
import { hoverBox } from "./hover";
import { lineNames, nameRoom } from "./lineNames";
import { FONT, LETTER, type Look, SIZE, sized, write } from "./look";
import { type Colour, hueToken } from "./palette";

type Drawn = LineSeriesOption | CustomSeriesOption;
type Render = NonNullable<CustomSeriesOption["renderItem"]>;

/** The values of some bands, with gaps in place of the others. */
const only = (values: (number | null)[], isShown: (band: number) => boolean) =>
  values.map((value, band): [number, number | "-"] => [band, value !== null && isShown(band) ? value : "-"]);

/** What is not there yet: dots, open at their end. */
function dots(line: Line, plan: Plan, look: Look): LineSeriesOption {
  const color = look.colour(hueToken(plan.series[line.series]?.hue ?? "accent"));
  const last = line.to.length - 1;
  return {
    type: "line",
    name: plan.series[line.series]?.name ?? "",
    silent: true,
    z: 3,
    data: only(line.to, () => true),
    showSymbol: true,
    symbol: (_: unknown, { dataIndex }: { dataIndex: number }) =>
      dataIndex === last ? "emptyCircle" : "none",
    symbolSize: 5,
    itemStyle: { color },
    lineStyle: { color, width: 1.6, type: [1, 3] },
    emphasis: { disabled: true },
  };
}

/** What each band is meant to come to: level across its band, and never joined to what was reached. */
function steps(line: Line, plan: Plan, look: Look): LineSeriesOption {
  return {
    type: "line",
    name: plan.series[line.series]?.name ?? "",
    silent: true,
    z: 2,
    step: "middle",
    data: only(line.to, () => true),
    showSymbol: true,
    symbol: (_: unknown, { dataIndex: at }: { dataIndex: number }) =>
      (line.to[at - 1] ?? null) === null && (line.to[at + 1] ?? null) === null ? "rect" : "none",
    symbolSize: [14, 1.5],
    itemStyle: { color: look.colour("--soft") },
    lineStyle: { color: look.colour("--soft"), width: 1, type: [5, 3] },
    emphasis: { disabled: true },
    connectNulls: false,
  };
}

/** A line: solid where its bands are whole, dotted on the way to an end that is partial. */
function lineParts(line: Line, plan: Plan, look: Look): LineSeriesOption[] {
  const series = plan.series[line.series];
  if (!series) return [];
  if (series.role === "ahead") return [dots(line, plan, look)];
  if (series.role === "target") return [steps(line, plan, look)];
  const isBefore = series.role === "before";
  const color = look.colour(hueToken(series.hue));
  const isPartial = (band: number) => plan.bands[band]?.state !== "whole" && plan.bands[band] !== undefined;
  const isOpen = (band: number) => isPartial(band) || isPartial(band - 1) || isPartial(band + 1);
  const isAlone = (band: number) =>
    (line.to[band - 1] ?? null) === null && (line.to[band + 1] ?? null) === null;
  const common = {
    type: "line",
    name: series.name,
    silent: true,
    z: isBefore ? 2 : 3,
    // A value with a gap on both sides would be drawn by no line.
    showSymbol: true,
    symbol: (_: unknown, { dataIndex }: { dataIndex: number }) => (isAlone(dataIndex) ? "circle" : "none"),
    symbolSize: 5,
    sampling: "minmax",
    itemStyle: { color },
    emphasis: { disabled: true },
    connectNulls: false,
    ...(line.isSecond && plan.second ? { yAxisIndex: 1 } : {}),
  } as const;
  const lastAt = line.to.findLastIndex((value) => value !== null);
  const drawn: LineSeriesOption[] = [
    {
      ...common,
      data: only(line.to, (band) => !isPartial(band)),
      lineStyle: isBefore ? { color, width: 1.2, type: [3, 3] } : { color, width: 1.8 },
    },
  ];
  if (plan.bands.some(({ state }) => state !== "whole")) {
    drawn.push({
      ...common,
      data: only(line.to, isOpen),
      symbol: (_: unknown, { dataIndex }: { dataIndex: number }) =>
        !isBefore && dataIndex === lastAt && isPartial(dataIndex) ? "emptyCircle" : "none",
      lineStyle: { color, width: isBefore ? 1.1 : 1.4, type: [1, 3] },
    });
  }
  return drawn;
}

/** Stretches of bands without a gap. */
function stretches(line: Line, plan: Plan): number[][] {
  const found: number[][] = [];
  plan.bands.forEach(({ state }, band) => {
    const isShown = line.to[band] !== null && state === "whole";
    if (!isShown) return;
    const last = found.at(-1);
    if (last?.at(-1) === band - 1) last.push(band);
    else found.push([band]);
  });
  return found.filter((each) => each.length > 1);
}

/** The area between a line and where it begins. */
function area(line: Line, plan: Plan, look: Look): CustomSeriesOption[] {
  const { base } = line;
  const series = plan.series[line.series];
  if (!base || !series) return [];
  const fill = look.colour(hueToken(series.hue));
  const shapes = stretches(line, plan);
  const renderItem: Render = (_, api) => ({
    type: "group",
    children: shapes.map((bands) => ({
      type: "polygon",
      shape: {
        points: [
          ...bands.map((band) => api.coord([band, line.to[band] ?? 0])),
          ...[...bands].reverse().map((band) => api.coord([band, base[band] ?? 0])),
        ],
      },
      style: { fill, opacity: plan.isStacked ? 0.55 : 0.08 },
    })),
  });
  return [
    {
      type: "custom",
      name: `${series.name}, area`,
      silent: true,
      z: 1,
      data: [[0, 0]],
      renderItem,
      clip: true,
    },
  ];
}

/** How thick a bar is, and where it begins across its band of so many lanes. */
function across({ lane }: Bar, lanes: number, band: number, plan: Plan): [number, number] {
  if (plan.edges) return [band, -band / 2];
  const thick = Math.min((band * 0.72) / lanes, plan.shape === "over_time" ? 40 : 18);
  return [thick, (lane - (lanes - 1) / 2) * thick - thick / 2];
}

function barFill(bar: Bar, plan: Plan, colour: Colour): string {
  if (bar.tone) return colour(TONE_VARIABLE[bar.tone]);
  return colour(hueToken(plan.series[bar.series]?.hue ?? "accent"));
}

/** Bars: rectangles from `from` to `to`, standing over time, lying by name. */
function bars(plan: Plan, look: Look): CustomSeriesOption[] {
  if (plan.bars.length === 0) return [];
  const isStanding = plan.shape === "over_time";
  const lanes = plan.bars.reduce((most, { lane }) => Math.max(most, lane + 1), 1);
  const renderItem: Render = (params, api) => {
    const bar = plan.bars[params.dataIndex];
    if (!bar || !api.size) return null;
    const point = (size: number) => api.coord(isStanding ? [bar.band, size] : [size, bar.band]);
    const [from, to] = [point(bar.from), point(bar.to)];
    const sizes = api.size(isStanding ? [1, 0] : [0, 1]) as number[];
    const [thick, shift] = across(bar, lanes, sizes[isStanding ? 0 : 1] ?? 0, plan);
    const [x0 = 0, y0 = 0] = from;
    const [x1 = 0, y1 = 0] = to;
    const isOpen = plan.bands[bar.band]?.state !== "whole";
    const fill = barFill(bar, plan, look.colour);
    return {
      type: "rect",
      shape: isStanding
        ? { x: x0 + shift, y: Math.min(y0, y1), width: Math.max(1, thick - 1), height: Math.abs(y1 - y0) }
        : { x: Math.min(x0, x1), y: y0 + shift, width: Math.abs(x1 - x0), height: Math.max(1, thick - 1) },
      style: isOpen ? { fill, fillOpacity: 0.35, stroke: fill, lineDash: [2, 2] } : { fill },
    };
  };
  const data = plan.bars.map((bar) => (isStanding ? [bar.band, bar.to] : [bar.to, bar.band]));
  return [{ type: "custom", name: "bars", silent: true, z: 3, data, renderItem, clip: true }];
}

/** Days off, so that a fall on a Saturday is not taken for one. */
function weekends(plan: Plan, look: Look): CustomSeriesOption[] {
  const days = plan.bands.flatMap(({ isWeekend }, band) => (isWeekend ? [band] : []));
  if (days.length === 0 || plan.bands.length > 120) return [];
  const renderItem: Render = (params, api) => {
    const place = params.coordSys as unknown as { x: number; y: number; width: number; height: number };
    const width = place.width / Math.max(1, plan.bars.length > 0 ? plan.bands.length : plan.bands.length - 1);
    return {
      type: "group",
      children: days.map((band) => {
        const [x = 0] = api.coord([band, plan.scale.low]);
        const left = Math.max(place.x, x - width / 2);
        const right = Math.min(place.x + place.width, x + width / 2);
        const shape = { x: left, y: place.y, width: Math.max(0, right - left), height: place.height };
        return { type: "rect", shape, style: { fill: look.colour("--weekend") } };
      }),
    };
  };
  return [{ type: "custom", name: "weekends", silent: true, z: 0, data: [[0, 0]], renderItem }];
}

/** Seen by nobody: it makes every band answer to the pointer, also one without data. */
const listener = (plan: Plan): LineSeriesOption => ({
  type: "line",
  name: "bands",
  silent: true,
  symbol: "none",
  z: 0,
  data: plan.bands.map((_, band) => [band, plan.scale.low]),
  lineStyle: { opacity: 0, width: 0 },
});

/** A name of what was written down: as long as it may be over a chart. */
const NOTE_LETTERS = 22;

/** What was written down, at the band at which it begins; a name that has no room before the next is told when pointed at. */
function notesOf(plan: Plan, look: Look) {
  const first = new Map<number, string[]>();
  for (const { from, text } of plan.notes ?? []) first.set(from, [...(first.get(from) ?? []), text]);
  const places = [...first.keys()].sort((a, b) => a - b);
  const perBand = ((look.width ?? 600) - nameRoom(plan, look)) / Math.max(1, plan.bands.length);
  return places.map((band, index) => {
    const [text = "", ...more] = first.get(band) ?? [];
    const short = clipped({ head: text, tail: "" }, NOTE_LETTERS);
    const told = more.length > 0 ? `${short} +${more.length}` : short;
    const room = ((places[index + 1] ?? plan.bands.length) - band) * perBand;
    const isShown = !look.isSmall && room >= sized(look, told.length * LETTER);
    return {
      xAxis: band,
      lineStyle: { color: look.colour("--line-strong"), type: "solid", width: 1 },
      label: isShown
        ? { formatter: told, position: "insideEndTop", rotate: 0, align: "left", padding: [0, 0, 0, 4] }
        : { show: false },
    };
  });
}

/** Targets by name, thresholds in their tone, and zero where values go both ways. */
function acrossIt(plan: Plan, look: Look): LineSeriesOption["markLine"] {
  const value = (at: number) => (plan.shape === "over_time" ? { yAxis: at } : { xAxis: at });
  const named = plan.across.map(({ at, label, tone }) => ({
    ...value(at),
    lineStyle: tone
      ? { color: look.colour(TONE_VARIABLE[tone]), type: [1, 3], width: 1 }
      : { color: look.colour("--soft"), type: [5, 3], width: 1 },
    label: tone ? { show: false } : { formatter: label },
  }));
  const zero =
    plan.scale.low < 0
      ? [
          {
            ...value(0),
            lineStyle: { color: look.colour("--line-strong"), type: "solid", width: 1 },
            label: { show: false },
          },
        ]
      : [];
  const noted = notesOf(plan, look);
  if (named.length + zero.length + noted.length === 0) return undefined;
  return {
    silent: true,
    symbol: "none",
    animation: false,
    label: {
      position: "insideEndTop",
      color: look.colour("--faint"),
      fontSize: sized(look, SIZE),
      fontFamily: FONT,
    },
    data: [...named, ...zero, ...noted] as never,
  };
}

/** The one line in the colour of what it has reached. */
function tones(plan: Plan, drawn: Drawn[], look: Look) {
  const own = plan.series.filter(({ role }) => role === "own");
  const [first] = plan.thresholds;
  if (own.length !== 1 || !first || plan.lines.length === 0) return undefined;
  const pieces = [
    { lt: Number(first.at), color: look.colour("--accent") },
    ...plan.thresholds.map((each, index) => {
      const next = plan.thresholds[index + 1];
      const color = look.colour(TONE_VARIABLE[each.tone]);
      return { gte: Number(each.at), ...(next ? { lt: Number(next.at) } : {}), color };
    }),
  ];
  const seriesIndex = drawn.flatMap(({ type, name }, index) =>
    type === "line" && name === own[0]?.name ? [index] : [],
  );
  return { show: false, dimension: 1, seriesIndex, pieces };
}

/** From one label of the axis to the next. */
const TICK_GAP = 12;

/** As many labels as there is room for side by side, the newest among them. */
function ticksFor(plan: Plan, look: Look): Tick[] {
  const { bands, ticks, year } = plan;
  if (look.width === undefined) return ticks;
  const longest = Math.max(...ticks.map(({ text }) => text.length));
  const room = look.width - nameRoom(plan, look) - sized(look, 8 * LETTER);
  const most = Math.floor(room / sized(look, longest * LETTER + TICK_GAP));
  return most >= ticks.length ? ticks : ticksOf(bands, year, Math.max(1, most));
}

function overTime(plan: Plan, look: Look): EChartsCoreOption {
  const ticks = new Map(ticksFor(plan, look).map(({ band, text }) => [band, text]));
  const markLine = acrossIt(plan, look);
  const drawn: Drawn[] = [
    { ...listener(plan), ...(markLine ? { markLine } : {}) },
    ...weekends(plan, look),
    ...plan.lines.flatMap((line) => area(line, plan, look)),
    ...plan.lines.flatMap((line) => lineParts(line, plan, look)),
    ...bars(plan, look),
    ...lineNames(plan, look),
  ];
  return {
    animation: look.isAnimated,
    animationDuration: 300,
    // What is asked again stands at once: a line on its way between two answers is neither.
    animationDurationUpdate: 0,
    grid: {
      left: 2,
      right: look.isSmall ? 4 : nameRoom(plan, look),
      top: sized(look, !look.isSmall && (plan.scale.reason || plan.scale.name) ? 24 : 10),
      bottom: 8,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: [
      {
        type: "category",
        ...bare,
        boundaryGap: plan.bars.length > 0,
        data: plan.bands.map(({ key }) => key),
        axisLabel: {
          ...write(look),
          margin: labelGap(look),
          show: plan.edges === null && !look.isSmall,
          hideOverlap: true,
          interval: (index: number) => ticks.has(index),
          formatter: (_: string, index: number) => ticks.get(index) ?? "",
        },
      },
      ...(plan.edges ? [edgeAxis(plan.edges, look)] : []),
    ],
    yAxis: plan.second
      ? [
          valueAxis(plan.scale, look, "left"),
          { ...valueAxis(plan.second, look, "right"), splitLine: { show: false } },
        ]
      : valueAxis(plan.scale, look, "left", plan.isShare),
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: look.colour("--surface"),
      borderColor: look.colour("--line"),
      padding: [6, 10],
      textStyle: { color: look.colour("--ink"), fontSize: sized(look, 12), fontFamily: FONT },
      axisPointer: { lineStyle: { color: look.colour("--line-strong"), type: "solid", width: 1 } },
      formatter: (pointed: unknown) =>
        hoverBox(plan, (pointed as { dataIndex: number }[])[0]?.dataIndex ?? -1, look.colour),
    },
    visualMap: tones(plan, drawn, look),
    series: drawn,
  };
}

/** A name in a picture: as long as it may be. */
const NAME_LETTERS = 30;

/** What bars are meant to reach, as a mark across each, with dots to where it leads. */
function goals(plan: Plan, look: Look): CustomSeriesOption[] {
  const held = plan.bars.flatMap((bar) => (bar.goal ? [{ bar, goal: bar.goal }] : []));
  if (held.length === 0) return [];
  const renderItem: Render = (params, api) => {
    const { bar, goal } = held[params.dataIndex] ?? {};
    if (!bar || !goal) return null;
    const at = (size: number) => api.coord([size, bar.band]);
    const [[x = 0, y = 0], [to = 0], [ahead = 0]] = [at(goal.at), at(bar.to), at(goal.ahead ?? bar.to)];
    const style = { stroke: look.colour("--ink"), lineWidth: 2 };
    return {
      type: "group",
      children: [
        { type: "line", shape: { x1: x, x2: x, y1: y - 12, y2: y + 12 }, style },
        {
          type: "line",
          shape: { x1: to, x2: ahead, y1: y, y2: y },
          style: { ...style, stroke: look.colour("--accent"), lineDash: [1, 3] },
        },
      ],
    };
  };
  const data = held.map(({ bar, goal }) => [goal.at, bar.band]);
  return [{ type: "custom", name: "targets", silent: true, z: 4, data, renderItem }];
}

/** Lying bars with their names and values: for a picture to take away. On the page they are a list. */
function byName(plan: Plan, look: Look): EChartsCoreOption {
  const zero = acrossIt(plan, look);
  const cutOf = cutNames(plan.bands.map(({ label: name }) => name));
  const values = plan.bands.map((_, band) => {
    const held = plan.bars.filter((bar) => bar.band === band);
    const [bar, ...more] = held;
    if (!bar || more.length > 0) return "";
    return [markText(plan, bar.series, bar.value), bar.aside].filter(Boolean).join(" · ");
  });
  const label = { ...write(look), fontSize: 12, interval: 0 };
  const anchor: LineSeriesOption = {
    type: "line",
    data: [],
    silent: true,
    ...(zero ? { markLine: zero } : {}),
  };
  return {
    animation: false,
    grid: { left: 4, right: 4, top: 4, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    xAxis: { type: "value", ...bare, min: plan.scale.low, max: plan.scale.high, axisLabel: { show: false } },
    yAxis: [
      {
        type: "category",
        ...bare,
        inverse: true,
        data: plan.bands.map(({ label: name }) => clipped(cutOf(name), NAME_LETTERS)),
        axisLabel: { ...label, color: look.colour("--soft") },
      },
      {
        type: "category",
        ...bare,
        inverse: true,
        position: "right",
        data: values,
        axisLabel: {
          ...label,
          color: look.colour("--ink"),
          formatter: (_: string, at: number) => values[at] ?? "",
        },
      },
    ],
    series: [anchor, ...bars(plan, look), ...goals(plan, look)],
  };
}

export const optionOf = (plan: Plan, look: Look): EChartsCoreOption =>
  plan.shape === "over_time" ? overTime(plan, look) : byName(plan, look);
