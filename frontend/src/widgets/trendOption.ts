import type { EChartsCoreOption } from "echarts/core";
import type { Answer, NumberFormat, ReferenceLine, Threshold, Widget } from "@/api/types";
import { shortText } from "@/ui/numbers";
import { bucketText } from "@/ui/times";
import { TONE_VARIABLE } from "@/ui/tones";
import { shapeOf } from "./shape";
import { isLastOpen, type Line } from "./trendSeries";

export interface Look {
  unit: string | null;
  grain: string | null;
  isAnimated: boolean;
  /** The last bucket is still running. */
  isLastOpen: boolean;
  stacked: boolean;
  referenceLines: ReferenceLine[];
  thresholds: Threshold[];
  format: NumberFormat | null;
}

const HUES = ["--accent", "--mix-4", "--mix-3", "--mix-6", "--mix-2", "--mix-5", "--mix-7", "--mix-8"];

/** The colour of the line at this place among those of the present. */
export const lineHue = (place: number): string => HUES[place % HUES.length] ?? "--accent";

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function lineSeries(line: Line, hue: string, isAlone: boolean, faint: string, stacked: boolean) {
  const isStacked = stacked && !line.isPrevious;
  return {
    name: line.isPrevious ? `${line.name}, before` : line.name,
    type: "line",
    data: line.points,
    showSymbol: line.points.length < 3,
    symbolSize: 5,
    z: line.isPrevious ? 1 : 2,
    lineStyle: line.isPrevious ? { color: faint, width: 1.2, type: [3, 3] } : { color: hue, width: 1.8 },
    itemStyle: { color: line.isPrevious ? faint : hue },
    stack: isStacked ? "all" : undefined,
    areaStyle: isStacked
      ? { color: hue, opacity: 0.55 }
      : isAlone && !line.isPrevious
        ? { color: hue, opacity: 0.08 }
        : undefined,
    emphasis: { disabled: true },
  };
}

/** Lines across the chart: targets by name, thresholds in their tone. */
function acrossIt(look: Look, faint: string) {
  const named = look.referenceLines.map((line) => ({
    yAxis: Number(line.value),
    lineStyle: { color: colour("--soft"), type: [5, 3], width: 1 },
    label: { formatter: line.label || shortText(line.value, look.unit, look.format) },
  }));
  const toned = look.thresholds.map((threshold) => ({
    yAxis: Number(threshold.at),
    lineStyle: { color: colour(TONE_VARIABLE[threshold.tone]), type: [1, 3], width: 1 },
    label: { show: false },
  }));
  if (named.length + toned.length === 0) return undefined;
  return {
    silent: true,
    symbol: "none",
    animation: false,
    label: {
      position: "insideEndTop",
      color: faint,
      fontSize: 10.5,
      fontFamily: "Inter Variable, sans-serif",
    },
    data: [...named, ...toned],
  };
}

/** The one line in the colour of what it has reached. */
function tones(look: Look, hue: string, count: number) {
  if (look.thresholds.length === 0) return undefined;
  const pieces = [
    { lt: Number(look.thresholds[0]?.at), color: hue },
    ...look.thresholds.map((each, index) => {
      const next = look.thresholds[index + 1];
      const color = colour(TONE_VARIABLE[each.tone]);
      return { gte: Number(each.at), ...(next ? { lt: Number(next.at) } : {}), color };
    }),
  ];
  return { show: false, dimension: 1, seriesIndex: Array.from({ length: count }, (_, at) => at), pieces };
}

/** A line, and where its last bucket is still running a dotted way to what there is of it so far. */
function lineParts(line: Line, hue: string, isAlone: boolean, faint: string, look: Look) {
  const whole = lineSeries(line, hue, isAlone, faint, look.stacked);
  // On top of each other a line in two parts would be counted twice.
  if (!look.isLastOpen || look.stacked || line.points.length < 3) return [whole];
  const open = { ...whole.lineStyle, type: [1, 3], width: 1.4 };
  return [
    { ...whole, data: line.points.slice(0, -1) },
    { ...whole, data: line.points.slice(-2), lineStyle: open, areaStyle: undefined },
  ];
}

interface Extent {
  min: number;
  max: number;
}

interface Hovered {
  seriesName: string;
  value: [number, number | null];
  color: string;
}

/** Built of elements, not of markup: names come from data. */
function tooltip(hovered: Hovered[], look: Look, last: number | undefined): HTMLElement {
  const box = document.createElement("div");
  const first = hovered[0];
  if (first) {
    const isOpen = look.isLastOpen && first.value[0] === last;
    box.append(
      bucketText(new Date(first.value[0]).toISOString(), look.grain, "UTC") + (isOpen ? ", so far" : ""),
    );
  }
  // Where the dotted part begins, both parts of a line have the same point.
  const once = new Map(hovered.map((each) => [each.seriesName, each]));
  for (const each of once.values()) {
    const row = box.appendChild(document.createElement("div"));
    row.style.cssText = "display:flex;gap:8px;align-items:center";
    const mark = row.appendChild(document.createElement("i"));
    mark.style.cssText = `width:8px;height:8px;border-radius:2px;background:${each.color}`;
    row.append(each.seriesName);
    const value = row.appendChild(document.createElement("b"));
    value.style.cssText = "margin-left:auto;padding-left:14px;font-weight:560";
    value.textContent = shortText(each.value[1], look.unit, look.format);
  }
  return box;
}

const LABELS = 6;

/** Every so-many-th bucket, counted back from the last, so that labels stand evenly and the newest has one. */
export function labelledTimes(lines: Line[]): number[] {
  const times = [...new Set(lines.flatMap((line) => line.points.map(([time]) => time)))].sort(
    (a, b) => a - b,
  );
  const stride = Math.max(1, Math.ceil(times.length / LABELS));
  return times.filter((_, index) => (times.length - 1 - index) % stride === 0);
}

/** How an answer is drawn as lines, as its widget says. */
export const trendLook = (answer: Answer, widget: Widget | undefined, isAnimated: boolean): Look => ({
  unit: shapeOf(answer).values[0]?.column.unit ?? null,
  grain: answer.question.grain,
  isAnimated,
  isLastOpen: isLastOpen(answer),
  stacked: widget?.stacked === true,
  referenceLines: widget?.reference_lines ?? [],
  thresholds: widget?.thresholds ?? [],
  format: widget?.format ?? null,
});

export function trendOption(lines: Line[], look: Look): EChartsCoreOption {
  const faint = colour("--faint");
  const last = labelledTimes(lines).at(-1);
  const present = lines.filter((line) => !line.isPrevious);
  const text = { color: faint, fontSize: 10.5, fontFamily: "Inter Variable, sans-serif" };
  const across = acrossIt(look, faint);
  const far = look.referenceLines.map((line) => Number(line.value));
  const drawn = lines.flatMap((line) => {
    const place = present.findIndex((each) => each.name === line.name);
    const hue = colour(lineHue(place));
    return lineParts(line, hue, present.length === 1, faint, look);
  });
  const own = drawn.filter((each) => each.itemStyle.color !== faint).length;
  return {
    useUTC: true,
    animation: look.isAnimated,
    animationDuration: 300,
    grid: {
      left: 2,
      right: 14,
      top: 10,
      bottom: 8,
      outerBoundsMode: "same",
      outerBoundsContain: "axisLabel",
    },
    xAxis: {
      type: "time",
      axisLine: { show: false },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: {
        ...text,
        hideOverlap: true,
        customValues: labelledTimes(lines),
        formatter: (at: number) => bucketText(new Date(at).toISOString(), look.grain, "UTC"),
      },
    },
    yAxis: {
      type: "value",
      scale: !look.stacked,
      // A line across it is in sight, however far the values stay from it.
      min: ({ min }: Extent) => (far.some((each) => each < min) ? Math.min(...far) : null),
      max: ({ max }: Extent) => (far.some((each) => each > max) ? Math.max(...far) : null),
      splitNumber: 4,
      splitLine: { lineStyle: { color: colour("--line") } },
      axisLabel: { ...text, formatter: (value: number) => shortText(value, look.unit) },
    },
    tooltip: {
      trigger: "axis",
      confine: true,
      backgroundColor: colour("--surface"),
      borderColor: colour("--line"),
      padding: [6, 10],
      textStyle: { color: colour("--ink"), fontSize: 12, fontFamily: "Inter Variable, sans-serif" },
      axisPointer: { lineStyle: { color: colour("--line-strong"), type: "solid", width: 1 } },
      formatter: (hovered: unknown) => tooltip(hovered as Hovered[], look, last),
    },
    visualMap: present.length === 1 ? tones(look, colour("--accent"), own) : undefined,
    series: drawn.map((each, index) => (index === 0 && across ? { ...each, markLine: across } : each)),
  };
}
