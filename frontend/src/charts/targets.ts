/** Targets that travel beside the rows: which of them a chart may draw, and what is said of them. No value is made of one. */
import type { AnswerRows, Cell, Target, Widget } from "@/api/types";
import { numberOf, shortText } from "@/format/numbers";
import { dayText } from "@/format/times";
import { wallOf } from "@/format/wall";
import type { Frame } from "./frame";
import { type Line, type Plan, type Series, shareText } from "./plan";

export const targetsOf = ({ targets }: AnswerRows): readonly Target[] => targets ?? [];

/** Why there is nothing to hold a value against, in the words of the server; null where there is something. */
export const noTarget = (answer: AnswerRows): string | null =>
  targetsOf(answer).length > 0
    ? null
    : (answer.question.targets?.why ?? "No target is written for what is shown.");

/** Where the value leads, as a part of a sentence: "on the current pace $1.62M by 30 Nov". */
function paceWords({ pace, ends }: Target, unit: string | null, widget: Widget): string {
  const wall = wallOf(ends, "UTC");
  if (pace === null) return "";
  return `on the current pace ${shortText(pace, unit, widget.format)} by ${wall ? dayText(wall) : ends}`;
}

/** "84% of $1.50M, on the current pace $1.62M by 30 Nov". */
export function targetWords(target: Target, unit: string | null, widget: Widget): string {
  const goal = shortText(target.value, unit, widget.format);
  const share = numberOf(target.share);
  const told = share === null ? `target ${goal}` : `${shareText(share)} of ${goal}`;
  return [told, paceWords(target, unit, widget)].filter(Boolean).join(", ");
}

/** The targets of a line alone, bucket by bucket, as a line of its own; a chart of several lines has no room for theirs. */
export function withTargetLine(plan: Plan, frame: Frame): Plan {
  const [value, ...more] = frame.values;
  const told = targetsOf(frame.answer).filter(({ metric }) => metric === value?.metricId);
  if (told.length === 0 || more.length > 0 || frame.dimensions.length > 0 || plan.isStacked) return plan;
  const known = new Map(told.map((each): [string | null, Cell] => [each.time, each.value]));
  const values = plan.bands.map(({ key }) => known.get(key) ?? null);
  const series: Series = { key: "target", name: "target", hue: "compare", role: "target", dimension: null };
  const line: Line = { series: plan.series.length, values, to: values.map(numberOf), base: null };
  return { ...plan, series: [...plan.series, series], lines: [...plan.lines, line] };
}
