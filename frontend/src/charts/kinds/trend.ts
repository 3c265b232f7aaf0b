import { ChartLine } from "lucide-react";
import { numberOf } from "@/format/numbers";
import { acrossOf } from "../across";
import type { ValueColumn } from "../columns";
import type { Context, Plan } from "../plan";
import { ruled } from "../rules";
import { emptyPlan, split } from "../split";
import { withTargetLine } from "../targets";
import type { CommonKind } from "./kind";

/** What adds up over time may be filled from zero: the area under it means something. */
const isFlow = ({ column }: ValueColumn) => column.empty === "zero";

function plan({ frame, widget }: Context, label: string): Plan {
  // What was before has a whole of its own: beside shares of now it would be neither.
  const withBefore = widget.shares !== true;
  const parts = split(frame, { axis: null, by: frame.dimensions, values: frame.values, withBefore });
  const own = parts.series.filter(({ role }) => role === "own");
  const isAlone = own.length + (frame.others ? 1 : 0) === 1;
  const isShare = widget.shares === true && !isAlone;
  const isStacked = isShare || (widget.stacked === true && !isAlone);
  const isFilled = isStacked || (isAlone && frame.values.every(isFlow));
  const planned: Plan = {
    ...emptyPlan(frame, widget, label),
    shape: "over_time",
    isStacked,
    isShare,
    bands: parts.bands,
    series: parts.series,
    lines: parts.series.map(({ role }, series) => {
      const values = parts.bands.map((_, band) => parts.cellOf(series, band));
      const base = isFilled && role === "own" ? parts.bands.map(() => 0) : null;
      return { series, values, to: values.map(numberOf), base };
    }),
    across: acrossOf(widget, frame.values[0]?.column.unit ?? null),
  };
  return withTargetLine(planned, frame);
}

export const trend: CommonKind = {
  label: "Line",
  icon: ChartLine,
  room: { w: 6, h: 4 },
  least: { w: 4, h: 4 },
  previewHeight: "h-[19.231rem]",
  phoneHeight: "20.769rem",
  scrolls: false,
  standIns: ["h-full min-h-[11.538rem] w-full"],
  standing: "",
  draw: (context, label) => ({ as: "chart", plan: ruled(plan(context, label), context) }),
};
