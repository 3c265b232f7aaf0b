/**
 * A figure's own window, day by day, as a running total beside that of the window before. It is drawn only of a metric that adds
 * up, and only where the days come to the figure, to the last digit: else they are of another moment, or of another question.
 */
import type { Answer, Cell, Metric, Widget } from "@/api/types";
import { difference, parseDecimal, sumOf } from "@/format/decimal";
import { numberOf } from "@/format/numbers";
import { around } from "./drawn";
import type { FigurePlan } from "./figure";
import { frameOf } from "./frame";
import { withPace } from "./pace";
import type { Context, Line, Plan } from "./plan";
import { ruled } from "./rules";
import { emptyPlan, split } from "./split";

/** A figure whose line is compared, as the figure itself is, is the one that its page is about. */
export const isHero = ({ kind, spark }: Widget): boolean =>
  kind === "kpi" && Boolean(spark?.grain && spark.compare);

function isSame(a: Cell, b: Cell): boolean {
  const [one, other] = [parseDecimal(String(a)), parseDecimal(String(b))];
  if (!one || !other) return false;
  const gap = difference(one, other);
  return /^0*$/.test(gap.whole + gap.fraction);
}

/** Each with all before it; after the last that is known there is nothing. */
function totals(cells: Cell[]): Cell[] {
  const last = cells.findLastIndex((cell) => cell !== null);
  let sum: Cell = "0";
  return cells.map((cell, index) => {
    if (index > last || sum === null) return null;
    sum = sumOf([sum, cell]);
    return sum;
  });
}

const lastOf = (cells: Cell[]): Cell => cells.findLast((cell) => cell !== null) ?? null;

export function runningOf(
  widget: Widget,
  days: Answer,
  figure: Pick<FigurePlan, "value" | "previous" | "metric">,
  metrics: Metric[],
  label: string,
  surroundings: Pick<Context, "hueOf" | "readerZone"> = around(),
): Plan | null {
  const frame = frameOf(days, metrics);
  if (figure.metric?.adds_up !== true || frame.time === null || frame.dimensions.length > 0 || frame.isCut)
    return null;
  const parts = split(frame, { axis: null, by: [], values: frame.values.slice(0, 1), withBefore: true });
  const lines = parts.series.flatMap(({ role }, series): Line[] => {
    const values = totals(parts.bands.map((_, band) => parts.cellOf(series, band)));
    if (!isSame(lastOf(values), role === "own" ? figure.value : figure.previous)) return [];
    const base = role === "own" ? values.map(() => 0) : null;
    return [{ series, values, to: values.map(numberOf), base }];
  });
  if (!lines.some(({ series }) => parts.series[series]?.role === "own")) return null;
  const kept = lines.map((line, series) => ({ ...line, series }));
  const series = lines.flatMap((line) => parts.series[line.series] ?? []);
  const name = `${label}, running total`;
  const plan: Plan = {
    ...emptyPlan(frame, widget, name),
    shape: "over_time",
    bands: parts.bands,
    series,
    lines: kept,
  };
  return ruled(withPace(plan, frame), { frame, widget, ...surroundings });
}
