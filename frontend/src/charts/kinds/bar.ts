import { ChartColumn } from "lucide-react";
import { acrossOf } from "../across";
import { doesAddUp } from "../frame";
import type { Context, Plan } from "../plan";
import { HUES } from "../plan";
import { ruled } from "../rules";
import { barsOf, emptyPlan, seriesDimension, split } from "../split";
import type { CommonKind } from "./kind";

/** Bars of names lie, bars over time stand. */
function plan({ frame, widget }: Context, label: string): Plan {
  const [value] = frame.values;
  const values = value ? [value] : [];
  const empty = emptyPlan(frame, widget, label);
  if (frame.time !== null) {
    const parts = split(frame, { axis: null, by: frame.dimensions, values, withBefore: false });
    return {
      ...empty,
      shape: "over_time",
      isStacked: widget.stacked === true || widget.shares === true,
      isShare: widget.shares === true && (parts.series.length > 1 || frame.others !== null),
      bands: parts.bands,
      series: parts.series,
      bars: barsOf(parts, frame, widget),
      across: acrossOf(widget, value?.column.unit ?? null),
    };
  }
  const by = frame.dimensions.length > 1 ? seriesDimension(widget, frame) : null;
  const axis = frame.dimensions.filter((each) => each !== by);
  const parts = split(frame, { axis, by: by ? [by] : [], values, withBefore: false });
  const addsUp = doesAddUp(frame, value?.metricId);
  // More than the colours tell apart, and no sum of the rest: then each row is a bar of its own.
  const isFlat = by === null || (parts.series.length > HUES && !addsUp);
  const shown = isFlat ? split(frame, { axis: frame.dimensions, by: [], values, withBefore: false }) : parts;
  return {
    ...empty,
    isStacked: (widget.stacked === true || widget.shares === true) && !isFlat,
    isShare: widget.shares === true && !isFlat,
    bands: shown.bands,
    series: shown.series,
    bars: barsOf(shown, frame, widget),
  };
}

export const bar: CommonKind = {
  label: "Bars",
  icon: ChartColumn,
  room: { w: 6, h: 4 },
  least: { w: 4, h: 4 },
  previewHeight: "h-[20rem]",
  phoneHeight: "auto",
  scrolls: true,
  standIns: ["h-4 w-full", "h-4 w-4/5", "h-4 w-3/5", "h-4 w-2/5", "h-4 w-1/4"],
  standing: "gap-[22px] pt-3",
  draw: (context, label) => ({ as: "chart", plan: ruled(plan(context, label), context) }),
};
