/** A small chart for each value, all on one scale: what is larger looks larger. */
import { fixed, numberOf } from "@/format/numbers";
import { type Context, notes, type Plan } from "../plan";
import { ruled } from "../rules";
import { sentence } from "../rules/sentence";
import { extremes } from "../scale";
import { emptyPlan, split } from "../split";
import type { FurtherDrawn } from "./drawn";

const MOST = 12;

export function multiples(context: Context, label: string): FurtherDrawn {
  const { frame, widget } = context;
  const [value] = frame.values;
  if (!value || frame.values.length > 1 || frame.time === null || frame.dimensions.length === 0)
    return {
      as: "refused",
      why: "Small charts show one metric over time, one for each value of a dimension.",
    };
  const parts = split(frame, { axis: null, by: frame.dimensions, values: frame.values, withBefore: false });
  const lines = parts.series.map((series, at) => {
    const values = parts.bands.map((_, band) => parts.cellOf(at, band));
    return { series, values, to: values.map(numberOf) };
  });
  const size = ({ to }: (typeof lines)[number]) =>
    to.reduce<number>((sum, each) => sum + Math.abs(each ?? 0), 0);
  const shown = [...lines].sort((a, b) => size(b) - size(a)).slice(0, MOST);
  const isFlow = value.column.empty === "zero";
  const all: Plan = {
    ...emptyPlan(frame, widget, label),
    shape: "over_time",
    bands: parts.bands,
    series: shown.map(({ series }) => series),
    lines: shown.map(({ values, to }, series) => ({
      series,
      values,
      to,
      base: isFlow ? to.map(() => 0) : null,
    })),
  };
  const [low, high] = extremes(shown.flatMap(({ to }) => to.filter((each) => each !== null)));
  const plans = all.lines.map((line, at) => {
    const series = all.series[at];
    const alone = ruled(
      { ...all, label: series?.name ?? "", series: series ? [series] : [], lines: [{ ...line, series: 0 }] },
      context,
    );
    return { ...alone, zone: null };
  });
  // The axis of all: the one that is made for the lowest and the highest of them.
  const values = shown.flatMap((each) => each.values);
  const ends: Plan["lines"] = [{ series: 0, values, to: [low, high], base: isFlow ? [0, 0] : null }];
  const { scale } = ruled({ ...all, series: all.series.slice(0, 1), bands: all.bands, lines: ends }, context);
  const [first, last] = [parts.bands[0]?.label, parts.bands.at(-1)?.label];
  const note = notes(
    lines.length > MOST ? `the largest ${MOST} of ${fixed(lines.length, 0)}` : "",
    first === last ? (first ?? "") : `${first} to ${last}`,
    `all on one ${scale.reason ?? "scale"}`,
  );
  return { as: "several", plans: plans.map((plan) => sentence({ ...plan, scale }, context)), note };
}
