/**
 * More series than there are colours: the seven largest, and the rest together. Its values are the engine's where rows were left
 * out or the metric does not add up, else the sum of what is there; where neither is to be had that is said, and nothing is added.
 */
import type { Cell, Filter } from "@/api/types";
import { sumOf } from "@/format/decimal";
import { columnPlaces, fixed, numberOf, shortText } from "@/format/numbers";
import { placeOf } from "../buckets";
import { cellAt, type ValueColumn } from "../columns";
import { absentCell, doesAddUp, type Frame, frameOf, rowKey } from "../frame";
import {
  type Bar,
  barOf,
  type Context,
  HUES,
  type Line,
  notes,
  type Plan,
  type Rule,
  type Series,
  sizeOf,
} from "../plan";
import { beyond, MOST_VALUES } from "../rest";
import { extremes } from "../scale";
import { zero } from "./zero";

export const KEPT = HUES - 1;
/** More lines than these, beside the kept, would be told apart by nobody. */
export const MOST_LINES = 32;

function sizes(plan: Plan): number[] {
  const held = plan.series.map(() => 0);
  const add = (series: number, size: number) => {
    held[series] = (held[series] ?? 0) + Math.abs(size);
  };
  for (const bar of plan.bars) add(bar.series, sizeOf(bar));
  for (const line of plan.lines) for (const each of line.to) add(line.series, each ?? 0);
  return held;
}

/** What opens the rest: its own values, where they are few enough to be asked for. */
export function restFilters(held: Bar[]): Filter[] {
  const each = held.map(({ filters }) => filters);
  const [first] = each[0] ?? [];
  const values = each.flatMap((filters) => (filters.length === 1 ? (filters[0]?.values ?? []) : []));
  if (!first || values.length !== held.length || values.length > MOST_VALUES) return [];
  return [{ dimension: first.dimension, op: "in", values }];
}

/** The one dimension that series are told apart by; null where it is several, or metrics. */
const dimensionOf = ({ dimension }: Series): string | null =>
  dimension === null || dimension.includes("\n") ? null : dimension;

/** Buckets of two answers are the same where they begin at the same time, whether or not a row speaks of them. */
function placesOf({ buckets, grain }: Frame): ReadonlyMap<string, number> {
  return new Map(
    buckets.flatMap(({ key, wall }) => (wall ? [[key, placeOf(wall, grain ?? "day")] as const] : [])),
  );
}

/** What the engine told of the rest, by band. */
function toldOf(rest: Frame, plan: Plan, frame: Frame): (band: number) => Cell {
  const [value] = rest.values;
  const indexes = rest.dimensions.map(({ index }) => index);
  const [own, told] = [placesOf(frame), placesOf(rest)];
  const keyOf = (row: Cell[]) => {
    if (rest.time === null) return rowKey(row, indexes);
    const key = String(cellAt(row, rest.time));
    return told.get(key) ?? key;
  };
  const rows = new Map(rest.rows.map((row) => [keyOf(row), row]));
  return (band) => {
    const key = plan.bands[band]?.key ?? "";
    const row = rows.get(rest.time === null ? key : (own.get(key) ?? key));
    if (row) return cellAt(row, value?.index ?? null);
    return value ? absentCell(rest, value) : null;
  };
}

interface Folded {
  plan: Plan;
  /** Marks of the series that are folded. */
  bars: Bar[];
  lines: Line[];
  series: number;
  cellOf: (band: number) => Cell;
  /** What opens the rest, of the bars that are folded in a band. */
  opens: (held: Bar[]) => Filter[];
}

/** The bars of the rest, one a band. */
function restBars({ plan, bars, series, cellOf, opens }: Folded): Bar[] {
  if (plan.bars.length === 0) return [];
  return plan.bands.flatMap((_, band): Bar[] => {
    const held = bars.filter((bar) => bar.band === band);
    const value = cellOf(band);
    if (value === null || (held.length === 0 && numberOf(value) === 0)) return [];
    const isRest = plan.shape === "by_name" && !plan.isStacked;
    return [{ ...barOf(series, band, value, opens(held)), isRest }];
  });
}

/** A line of all others: with an area where those beside it have one. */
export const othersLine = (series: number, values: Cell[], [beside]: Line[]): Line => ({
  series,
  values,
  to: values.map(numberOf),
  base: beside?.base ? values.map(() => 0) : null,
});

function restLine({ plan, lines, series, cellOf }: Folded): Line[] {
  if (plan.lines.length === 0) return [];
  return [
    othersLine(
      series,
      plan.bands.map((_, band) => cellOf(band)),
      lines,
    ),
  ];
}

/** Whether a series is of all others together: the key of a group is its values, as JSON. */
export const isOfAllOthers = ({ key }: Series): boolean => key.startsWith("others");

/** How a rest of so many is called; of rows that were left out nobody knows how many there are. */
export const othersName = (count: number, isCut: boolean): string =>
  `others (${fixed(count, 0)}${isCut ? " or more" : ""})`;

/** What is said where the rest is not drawn: `count` is all there are, as it reads. */
export function leftOut(count: string, isCut: boolean, addsUp: boolean): string {
  const of = `top ${KEPT} of ${count}${isCut ? " or more" : ""}`;
  return addsUp ? of : `${of}; the rest does not add up`;
}

/** The row of all others that the question asked for, where it stands beside the series: by name it is a band of its own. */
const askedBeside = ({ shape }: Plan, { others }: Frame): Frame["others"] =>
  shape === "by_name" ? null : others;

/** What that row holds in a bucket, or in all where there are none. */
export function askedCell(frame: Frame, value: ValueColumn, key: string): Cell {
  const rows = frame.others?.rows ?? [];
  const row = frame.time === null ? rows[0] : rows.find((each) => String(cellAt(each, frame.time)) === key);
  return row ? cellAt(row, value.index) : absentCell(frame, value);
}

/** Whether lines may be left away where they are very many: what is stacked is a whole. */
export const mayNarrow = (plan: Plan): boolean => plan.lines.length > 0 && !plan.isStacked;

/**
 * Opened: each by itself, the seven largest in their colours, the others grey. Of very many lines the largest, and how many there
 * are is said: one line of all the rest would press the others flat.
 */
function opened(plan: Plan, ranked: number[]): Plan {
  const rest = new Set(ranked.slice(KEPT));
  const grey: Plan = {
    ...plan,
    folded: rest.size,
    series: plan.series.map((each, at) => (rest.has(at) ? { ...each, hue: "others" } : each)),
  };
  const away = new Set(ranked.slice(KEPT + MOST_LINES));
  if (!mayNarrow(plan) || away.size === 0) return grey;
  const stays = plan.series.flatMap((_, at) => (away.has(at) ? [] : [at]));
  const shown = KEPT + MOST_LINES;
  return {
    ...grey,
    series: stays.flatMap((at) => grey.series[at] ?? []),
    lines: grey.lines.flatMap((line) => {
      const series = stays.indexOf(line.series);
      return series < 0 ? [] : [{ ...line, series }];
    }),
    note: notes(`the largest ${shown} of ${fixed(ranked.length, 0)}`, plan.note),
  };
}

type Marks = Pick<Folded, "bars" | "lines">;

/** Whether each of these series has a value in each band: of rows that were left out nobody knows what they held. */
const isFilled = (plan: Plan, kept: number[]): boolean =>
  kept.every((series) => {
    const line = plan.lines.find((each) => each.series === series);
    const bars = new Set(plan.bars.flatMap((bar) => (bar.series === series ? [bar.band] : [])));
    return plan.bands.every((_, band) => (line ? (line.values[band] ?? null) !== null : bars.has(band)));
  });

/** What the engine told of the rest, where it can stand beside what is kept. */
function engineCell(plan: Plan, kept: number[], addsUp: boolean, { frame, rest }: Context) {
  if (!rest) return null;
  // What is stacked or shared has to add up, whoever adds it, and has to be there as a whole.
  if (plan.isStacked && (!addsUp || (frame.isCut && !isFilled(plan, kept)))) return null;
  const metrics = frame.values.flatMap(({ metricId }) => frame.metricOf(metricId) ?? []);
  const cellOf = toldOf(frameOf(rest, metrics), plan, frame);
  // Below 0 it is no part of a whole.
  return plan.shape === "parts" && plan.bands.some((_, band) => (numberOf(cellOf(band)) ?? 0) < 0)
    ? null
    : cellOf;
}

/** The sum of what is there: of an answer that was cut it is the rest of those shown alone, as shares of them are told. */
function summedCell(plan: Plan, { bars, lines }: Marks, addsUp: boolean, { frame }: Context) {
  if (!addsUp || (frame.isCut && plan.shape !== "parts")) return null;
  const [value] = frame.values;
  const asked = (band: number) =>
    value && askedBeside(plan, frame) ? [askedCell(frame, value, plan.bands[band]?.key ?? "")] : [];
  return (band: number) =>
    sumOf([
      ...asked(band),
      ...bars.filter((bar) => bar.band === band).map(({ value }) => value),
      ...lines.map((line) => line.values[band] ?? null),
    ]);
}

const heightOf = (plan: Plan): number => {
  const { low, high } = zero(plan).scale;
  return high - low;
};

/** Over time, beside one another: whether the others would take more than half of the height from those that are kept. */
export const isPressedFlat = (kept: Plan, all: Plan): boolean =>
  kept.shape === "over_time" && !kept.isStacked && heightOf(all) > 2 * heightOf(kept);

/** Where the others lie that are not drawn. */
export function reachWords({ series, bars, lines, scale, format }: Plan): string {
  const at = series.findIndex(({ key }) => key === "others");
  const cells = [
    ...bars.filter((bar) => bar.series === at).map(({ value }) => value),
    ...lines.flatMap((line) => (line.series === at ? line.values : [])),
  ];
  const places = columnPlaces(cells, scale.unit, format);
  const ends = extremes(cells.flatMap((cell) => numberOf(cell) ?? []));
  const texts = new Set(ends.map((end) => shortText(end, scale.unit, format, places)));
  return `${series[at]?.name}, ${[...texts].join(" to ")}, lie beyond this axis`;
}

export const others: Rule = (plan, context) => {
  const { frame, isOpen } = context;
  const own = plan.series.flatMap(({ role }, index) => (role === "own" ? [index] : []));
  if (own.length <= HUES) return plan;
  const size = sizes(plan);
  const ranked = [...own].sort((a, b) => (size[b] ?? 0) - (size[a] ?? 0));
  const folded = new Set(ranked.slice(KEPT));
  if (isOpen) return opened(plan, ranked);
  const kept = [...ranked.slice(0, KEPT)].sort((a, b) => a - b);
  const place = new Map(kept.map((from, to) => [from, to]));
  const moved = <T extends { series: number }>(marks: T[]): T[] =>
    marks.flatMap((mark) => {
      const series = place.get(mark.series);
      return series === undefined ? [] : [{ ...mark, series }];
    });
  const series: Series[] = kept.flatMap((index) => plan.series[index] ?? []);
  const asked = askedBeside(plan, frame);
  const count = own.length - KEPT + (asked?.count ?? 0);
  const [value] = frame.values;
  const isOne = frame.values.length === 1;
  const addsUp = isOne && doesAddUp(frame, value?.metricId);
  const [first] = series;
  const dimension = first ? dimensionOf(first) : null;
  const keptValues = series.map(({ key }) => (JSON.parse(key) as Cell[])[0] ?? null);
  const isByEngine = isOne && dimension !== null && (frame.isCut || !addsUp) && (addsUp || !plan.isStacked);
  const short: Plan = {
    ...plan,
    series,
    folded: own.length - KEPT,
    bars: moved(plan.bars),
    lines: moved(plan.lines),
    rest: isByEngine
      ? {
          dimension,
          kept: keptValues,
          by: frame.dimensions.map(({ column }) => column.name).filter((name) => name !== dimension),
          isOverTime: frame.time !== null,
        }
      : null,
  };
  const isRest = (mark: { series: number }) => folded.has(mark.series);
  const marks = { bars: plan.bars.filter(isRest), lines: plan.lines.filter(isRest) };
  const told = engineCell(plan, kept, addsUp, context);
  const cellOf = told ?? summedCell(plan, marks, addsUp, context);
  if (cellOf === null) {
    const note = leftOut(fixed(KEPT + count, 0), frame.isCut, addsUp);
    return { ...short, note: notes(note, plan.note) };
  }
  const name = othersName(count, frame.isCut && told !== null);
  // The engine's number is of everything that is not kept, whatever of it the answer happened to hold.
  const isOfAll = told !== null || asked !== null;
  const opens =
    isOfAll && dimension !== null && frame.dimensions.length === 1
      ? () => beyond(dimension, keptValues)
      : asked
        ? () => []
        : restFilters;
  const held: Folded = { plan, ...marks, series: KEPT, cellOf, opens };
  const bars = [...short.bars, ...restBars(held)];
  const all: Plan = {
    ...short,
    series: [...series, { key: "others", name, hue: "others", role: "own", dimension: null }],
    bars,
    lines: [...short.lines, ...restLine(held)],
    whole: plan.whole === null ? null : bars.reduce((sum, bar) => sum + sizeOf(bar), 0),
    note: plan.whole !== null && told !== null ? null : plan.note,
  };
  return isPressedFlat(short, all) ? { ...short, note: notes(reachWords(all), plan.note) } : all;
};
