import { Target as TargetIcon } from "lucide-react";
import type { Cell, Target } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { toneOf } from "@/ui/tones";
import { cellAt } from "../columns";
import { barOf, type Context, groupBand, notes, type Plan } from "../plan";
import { ruled } from "../rules";
import { emptyPlan, rowFilters } from "../split";
import { targetsOf, targetWords } from "../targets";
import type { CommonKind } from "./kind";

/** What was reached as a bar from zero, with its target as a mark across it and dots to where it leads. */
function plan({ frame, widget }: Context, label: string): Plan {
  const [dimension] = frame.dimensions;
  const groupOf = (target: Target): Cell =>
    dimension ? (target.where[dimension.column.name] ?? null) : null;
  const isOf = (target: Target, row: Cell[]) =>
    !dimension || String(groupOf(target)) === String(cellAt(row, dimension.index));
  const unit = frame.values[0]?.column.unit ?? null;
  const rowOf = (target: Target) => frame.rows.find((row) => isOf(target, row));
  const place = (target: Target) => {
    const at = frame.rows.findIndex((row) => isOf(target, row));
    return at === -1 ? frame.rows.length : at;
  };
  const told = [...targetsOf(frame.answer)].sort((a, b) => place(a) - place(b));
  // Of the whole the period is the name of its bar.
  const periods = dimension ? [...new Set(told.map(({ period }) => period))] : [];
  const without = dimension ? frame.rows.filter((row) => !told.some((target) => isOf(target, row))) : [];
  return {
    ...emptyPlan(frame, widget, label),
    bands: told.map((target) => {
      const value = groupOf(target);
      return dimension
        ? groupBand(target.source, dimension.nameOf(value), { dimension: dimension.column.name, value })
        : groupBand(target.source, target.period);
    }),
    series: [{ key: "reached", name: label, hue: "accent", role: "own", dimension: null }],
    bars: told.map((target, band) => ({
      ...barOf(0, band, target.reached, rowFilters(rowOf(target), frame)),
      tone: toneOf(target.reached, widget.thresholds),
      goal: { at: numberOf(target.value) ?? 0, ahead: numberOf(target.pace) },
      aside: targetWords(target, unit, widget),
    })),
    note: notes(periods.join(", "), without.length > 0 ? `${without.length} without a target` : null),
  };
}

export const gauge: CommonKind = {
  label: "Gauge",
  icon: TargetIcon,
  room: { w: 4, h: 3 },
  least: { w: 3, h: 2 },
  previewHeight: "h-[10.769rem]",
  phoneHeight: "auto",
  scrolls: true,
  standIns: ["h-4 w-full", "h-3 w-3/5"],
  standing: "justify-center gap-2",
  draw: (context, label) => ({ as: "chart", plan: ruled(plan(context, label), context) }),
};
