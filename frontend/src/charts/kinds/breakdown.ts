import { ChartPie } from "lucide-react";
import { numberOf } from "@/format/numbers";
import { cellAt } from "../columns";
import type { Context, Plan } from "../plan";
import { ruled } from "../rules";
import { barsOf, emptyPlan, split } from "../split";
import type { CommonKind } from "./kind";

/**
 * Parts of a whole: one band in which each part begins where the one before it ends. Where the values do not add up, or one of
 * them is below zero, there is no whole: then they are bars, each from zero.
 */
function plan({ frame, widget }: Context, label: string): Plan {
  const [value] = frame.values;
  const values = value ? [value] : [];
  const empty = emptyPlan(frame, widget, label);
  const parts = split(frame, { axis: [], by: frame.dimensions, values, withBefore: false });
  const bars = barsOf(parts, frame, widget);
  const addsUp = frame.metricOf(value?.metricId)?.adds_up !== false;
  const isOthersBelow = frame.others?.rows.some(
    (row) => (numberOf(cellAt(row, value?.index ?? null)) ?? 0) < 0,
  );
  if (!addsUp || isOthersBelow || bars.some(({ to }) => to < 0)) {
    const flat = split(frame, { axis: frame.dimensions, by: [], values, withBefore: false });
    return { ...empty, bands: flat.bands, series: flat.series, bars: barsOf(flat, frame, widget) };
  }
  return {
    ...empty,
    shape: "parts",
    isStacked: true,
    bands: parts.bands,
    series: parts.series,
    bars,
    whole: bars.reduce((sum, { to }) => sum + to, 0),
    note: frame.isCut ? "shares of those shown" : null,
  };
}

export const breakdown: CommonKind = {
  label: "Parts",
  icon: ChartPie,
  room: { w: 4, h: 4 },
  least: { w: 4, h: 3 },
  previewHeight: "h-[16.923rem]",
  phoneHeight: "auto",
  scrolls: true,
  standIns: ["h-[1.385rem] w-full", "h-3 w-3/4", "h-3 w-3/4"],
  standing: "gap-3 pt-2",
  draw: (context, label) => ({ as: "chart", plan: ruled(plan(context, label), context) }),
};
