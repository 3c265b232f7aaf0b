/** More series than there are colours: the seven largest, and the rest together where their sum means something, else not at all, and said. */
import type { Cell, Filter } from "@/api/types";
import { sumOf } from "@/format/decimal";
import { type Bar, HUES, type Line, type Plan, type Rule, type Series } from "../plan";

const KEPT = HUES - 1;
/** More than this one question does not take. */
const MOST_VALUES = 200;

function sizes(plan: Plan): number[] {
  const held = plan.series.map(() => 0);
  const add = (series: number, size: number) => {
    held[series] = (held[series] ?? 0) + Math.abs(size);
  };
  for (const bar of plan.bars) add(bar.series, bar.to - bar.from);
  for (const line of plan.lines) for (const each of line.to) add(line.series, each ?? 0);
  return held;
}

function together(cells: Cell[]): Cell {
  const values = cells.filter((cell) => cell !== null);
  return values.length === 0 ? null : sumOf(values.map(String));
}

/** What opens the rest: its own values, where they are few enough to be asked for. */
function restFilters(held: Bar[]): Filter[] {
  const each = held.map(({ filters }) => filters);
  const [first] = each[0] ?? [];
  const values = each.flatMap((filters) => (filters.length === 1 ? (filters[0]?.values ?? []) : []));
  if (!first || values.length !== held.length || values.length > MOST_VALUES) return [];
  return [{ dimension: first.dimension, op: "in", values }];
}

/** The bars of the rest, one a band. */
function restBars(bars: Bar[], series: number): Bar[] {
  const bands = [...new Set(bars.map(({ band }) => band))];
  return bands.map((band) => {
    const held = bars.filter((bar) => bar.band === band);
    const to = held.reduce((sum, each) => sum + each.to, 0);
    const value = together(held.map((each) => each.value));
    return { series, band, lane: 0, from: 0, to, value, tone: null, filters: restFilters(held) };
  });
}

function restLine(lines: Line[], series: number, length: number): Line[] {
  if (lines.length === 0) return [];
  const values = Array.from({ length }, (_, band) =>
    together(lines.map((line) => line.values[band] ?? null)),
  );
  const to = values.map((value) => (value === null ? null : Number(value)));
  return [{ series, values, to, base: lines[0]?.base ? to.map(() => 0) : null }];
}

export const others: Rule = (plan, { frame }) => {
  const own = plan.series.flatMap(({ role }, index) => (role === "own" ? [index] : []));
  if (own.length <= HUES) return plan;
  const size = sizes(plan);
  const ranked = [...own].sort((a, b) => (size[b] ?? 0) - (size[a] ?? 0));
  const kept = [...ranked.slice(0, KEPT)].sort((a, b) => a - b);
  const place = new Map(kept.map((from, to) => [from, to]));
  const moved = <T extends { series: number }>(marks: T[]): T[] =>
    marks.flatMap((mark) => {
      const series = place.get(mark.series);
      return series === undefined ? [] : [{ ...mark, series }];
    });
  const series: Series[] = kept.flatMap((index) => plan.series[index] ?? []);
  const count = own.length - KEPT;
  const [value] = frame.values;
  const addsUp = frame.values.length === 1 && frame.metricOf(value?.metricId)?.adds_up === true;
  if (!addsUp) {
    const note = `top ${KEPT} of ${own.length}; the rest does not add up`;
    return { ...plan, series, bars: moved(plan.bars), lines: moved(plan.lines), note };
  }
  const rest = new Set(ranked.slice(KEPT));
  const isRest = (mark: { series: number }) => rest.has(mark.series);
  series.push({ key: "others", name: `others (${count})`, hue: "others", role: "own", dimension: null });
  return {
    ...plan,
    series,
    bars: [...moved(plan.bars), ...restBars(plan.bars.filter(isRest), KEPT)],
    lines: [...moved(plan.lines), ...restLine(plan.lines.filter(isRest), KEPT, plan.bands.length)],
  };
};
