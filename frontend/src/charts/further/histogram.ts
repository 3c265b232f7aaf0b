/** How values are spread: how many groups, or whole buckets of time, lie in each class. Classes are equally wide. */
import { fixed, numberOf } from "@/format/numbers";
import { humanName } from "@/format/words";
import { cellAt } from "../columns";
import { cellByBucket, type Frame } from "../frame";
import { type Band, barOf, type Context, groupBand, notes, type Scale, type Series } from "../plan";
import { ruled } from "../rules";
import { axisText, extremes, roundExtent } from "../scale";
import { emptyPlan } from "../split";
import type { FurtherDrawn } from "./drawn";

const MOST_CLASSES = 20;

/** One number a group; of time the whole buckets alone, as one that still runs holds less. */
function valuesOf(frame: Frame): { numbers: number[]; without: number; partial: number } {
  const [value] = frame.values;
  if (!value) return { numbers: [], without: 0, partial: 0 };
  const isOverTime = frame.time !== null && frame.dimensions.length === 0;
  const cellOf = cellByBucket(frame, value);
  const whole = frame.buckets.filter(({ state }) => state === "whole");
  const cells = isOverTime
    ? whole.map(({ key }) => cellOf(key))
    : frame.rows.map((row) => cellAt(row, value.index));
  const numbers = cells.flatMap((cell) => numberOf(cell) ?? []);
  return {
    numbers,
    without: cells.length - numbers.length,
    partial: isOverTime ? frame.buckets.length - whole.length : 0,
  };
}

export function histogram({ frame, widget, ...around }: Context, label: string): FurtherDrawn {
  const [value] = frame.values;
  if (!value || frame.values.length > 1 || (frame.time === null && frame.dimensions.length === 0))
    return { as: "refused", why: "A distribution shows one metric, split by something or over time." };
  const { numbers, without, partial } = valuesOf(frame);
  if (numbers.length === 0) return { as: "refused", why: "No values to spread." };
  const [low, high] = extremes(numbers);
  // As many classes as a square root of the values, in round steps: the same from one day to the next.
  const wanted = Math.min(MOST_CLASSES, Math.max(4, Math.ceil(Math.sqrt(numbers.length))));
  const isWhole = numbers.every(Number.isInteger);
  const { low: from, high: end, step } = roundExtent(low, high, { parts: wanted, isWhole });
  const count = Math.max(1, Math.round((end - from) / step));
  const held = Array.from({ length: count }, () => 0);
  for (const number of numbers) {
    // The highest value belongs to the last class.
    const at = Math.min(count - 1, Math.max(0, Math.floor((number - from) / step + 1e-9)));
    held[at] = (held[at] ?? 0) + 1;
  }
  const edges: Scale = { low: from, high: end, step, unit: value.column.unit, reason: null };
  const edge = (at: number) => axisText(Number((from + at * step).toPrecision(12)), edges);
  const things = [
    ...(frame.time === null ? [] : [humanName(frame.grain ?? "time")]),
    ...frame.dimensions.map((each) => each.label),
  ].join(" and ");
  // Days are called days; of values of a dimension nobody knows the plural.
  const counted = frame.dimensions.length === 0 ? `${frame.grain}s` : `groups by ${things.toLowerCase()}`;
  const series: Series[] = [
    {
      key: "count",
      name: `number of ${counted}`,
      hue: "accent",
      role: "own",
      dimension: null,
    },
  ];
  const bands = held.map((_, at): Band => {
    const to = at === count - 1 ? `to ${edge(at + 1)}` : `to under ${edge(at + 1)}`;
    return {
      ...groupBand(String(at), `${edge(at)} ${to}`),
      short: `${edge(at)} to ${edge(at + 1)}`,
    };
  });
  const bars = held.map((size, band) => barOf(0, band, size));
  const note = notes(
    frame.isCut ? "of the rows shown" : "",
    without > 0 ? `${fixed(without, 0)} without a value` : "",
    partial > 0 ? `${fixed(partial, 0)} partial left out` : "",
  );
  const empty = emptyPlan(frame, widget, label);
  const plan = ruled(
    {
      ...empty,
      shape: "over_time",
      edges,
      bands,
      series,
      bars,
      scale: { ...empty.scale, unit: "count", name: counted },
      format: null,
      thresholds: [],
      note: note || null,
    },
    { frame, widget, ...around },
  );
  return { as: "chart", plan: { ...plan, zone: null } };
}
