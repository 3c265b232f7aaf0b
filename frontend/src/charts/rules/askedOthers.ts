/** The row of all others that the question asked for: the engine's own number, behind the groups that come first and in grey. */
import type { Cell } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { joined } from "@/format/values";
import type { ValueColumn } from "../columns";
import { type Band, type Bar, type Line, notes, type Plan, type Rule, type Series } from "../plan";
import { askedFilters } from "../rest";
import { askedCell, isPressedFlat, othersName, reachWords } from "./others";

const bandOf = (label: string): Band => ({
  key: "others",
  label,
  short: label,
  year: null,
  state: "whole",
  isWeekend: false,
  pick: null,
});

/** By name they are a band of their own, over time and of a whole a series. */
export const askedOthers: Rule = (plan, { frame, isOpen }) => {
  const { others, values } = frame;
  const isByName = plan.shape === "by_name";
  // What is folded holds them already; where nobody has its sum, they would be called all others and be less.
  if (!others || (!isByName && plan.folded > 0 && !isOpen)) return plan;
  const name = othersName(others.count, false);
  const isOwn = isByName && plan.series.length === 1;
  const shown = plan.lines.length > 0 ? values : values.slice(0, 1);
  const made: Series[] = shown.map((value, at) => ({
    key: isByName ? "all others" : at === 0 ? "others" : JSON.stringify(["others", value.metricId]),
    name: joined(shown.length > 1 ? [name, frame.labelOf(value)] : [name]),
    hue: "others",
    role: "own",
    dimension: null,
  }));
  const bands = isByName ? [...plan.bands, bandOf(name)] : plan.bands;
  const filters = askedFilters(frame);
  const barAt = (series: number, band: number, value: Cell): Bar => {
    const to = numberOf(value) ?? 0;
    return {
      series,
      band,
      lane: 0,
      from: 0,
      to,
      value,
      tone: null,
      filters,
      isRest: isByName && !plan.isStacked,
    };
  };
  const cellOf = (value: ValueColumn, { key }: Band) => askedCell(frame, value, key);
  const [first] = shown;
  const places = isByName ? [bands.length - 1] : bands.map((_, band) => band);
  const bars =
    plan.lines.length > 0 || !first
      ? []
      : places.map((band) =>
          barAt(isOwn ? 0 : plan.series.length, band, cellOf(first, bands[band] ?? bandOf(name))),
        );
  const lines =
    plan.lines.length === 0
      ? []
      : shown.map((value, at): Line => {
          const cells = plan.bands.map((band) => cellOf(value, band));
          const base = plan.lines[0]?.base ? cells.map(() => 0) : null;
          return { series: plan.series.length + at, values: cells, to: cells.map(numberOf), base };
        });
  const all: Plan = {
    ...plan,
    bands,
    series: isOwn ? plan.series : [...plan.series, ...made],
    bars: [...plan.bars, ...bars],
    lines: [...plan.lines, ...lines],
    whole: plan.whole === null ? null : bars.reduce((sum, { to }) => sum + to, plan.whole),
  };
  return isPressedFlat(plan, all) ? { ...plan, note: notes(reachWords(all), plan.note) } : all;
};
