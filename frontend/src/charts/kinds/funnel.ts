import { Filter as FunnelIcon } from "lucide-react";
import { numberOf } from "@/format/numbers";
import { cellAt } from "../columns";
import { barOf, type Context, groupBand, type Plan, shareText } from "../plan";
import { ruled } from "../rules";
import { emptyPlan } from "../split";
import type { CommonKind } from "./kind";

/** How much a step holds of another; of nothing there is no share. */
function shareWords(of: number | null, whole: number | null, name: string): string {
  return of === null || whole === null || whole <= 0 ? "" : `${shareText(of / whole)} of ${name}`;
}

/** Each step as a bar from zero, with its share of the first step and of the one before it. */
function plan({ frame, widget }: Context, label: string): Plan {
  const [row] = frame.rows;
  const steps = frame.values.map((value) => ({
    metricId: value.metricId,
    name: frame.labelOf(value),
    cell: cellAt(row, value.index),
    size: numberOf(cellAt(row, value.index)),
  }));
  const asideOf = (at: number): string => {
    const [first, before, own] = [steps[0], steps[at - 1], steps[at]];
    if (!first || !before || !own) return "";
    const shares = [shareWords(own.size, first.size, "the first")];
    if (at > 1) shares.push(shareWords(own.size, before.size, "the step before"));
    return shares.filter(Boolean).join(", ");
  };
  return {
    ...emptyPlan(frame, widget, label),
    bands: steps.map(({ metricId, name }) => groupBand(metricId, name)),
    series: [{ key: "steps", name: label, hue: "accent", role: "own", dimension: null }],
    bars: steps.map(({ metricId, cell }, band) => ({
      ...barOf(0, band, cell),
      metricId,
      aside: asideOf(band),
    })),
  };
}

export const funnel: CommonKind = {
  label: "Funnel",
  icon: FunnelIcon,
  room: { w: 6, h: 4 },
  least: { w: 4, h: 3 },
  previewHeight: "h-[16.923rem]",
  phoneHeight: "auto",
  scrolls: true,
  standIns: ["h-4 w-full", "h-4 w-3/5", "h-4 w-2/5"],
  standing: "gap-[22px] pt-3",
  draw: (context, label) => ({ as: "chart", plan: ruled(plan(context, label), context) }),
};
