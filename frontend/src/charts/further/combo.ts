/** The first metric as bars, the others as lines over them; in another unit, at an axis of their own that begins at 0 too. */
import { numberOf } from "@/format/numbers";
import { acrossOf } from "../across";
import type { Context } from "../plan";
import { ruled } from "../rules";
import { barsOf, emptyPlan, split } from "../split";
import type { FurtherDrawn } from "./drawn";

const unitsOf = (units: (string | null)[]) => [...new Set(units)];

export function combo({ frame, widget, ...around }: Context, label: string): FurtherDrawn {
  const [first, ...rest] = frame.values;
  if (!first || rest.length === 0 || frame.time === null || frame.dimensions.length > 0)
    return { as: "refused", why: "Bars and line show two metrics over time, and nothing else beside them." };
  const units = unitsOf(rest.map(({ column }) => column.unit));
  if (units.length > 1)
    return { as: "refused", why: "These lines have different units: one axis cannot show both." };
  const unit = units[0] ?? null;
  const isOther = unit !== first.column.unit;
  const parts = split(frame, { axis: null, by: [], values: frame.values, withBefore: false });
  const standing = parts.series.findIndex(({ key }) => key === JSON.stringify([first.metricId]));
  const names = (held: typeof frame.values) => held.map(frame.labelOf).join(", ");
  const empty = emptyPlan(frame, widget, label);
  const plan = {
    ...empty,
    shape: "over_time" as const,
    bands: parts.bands,
    series: parts.series,
    bars: barsOf(parts, frame, widget).filter(({ series }) => series === standing),
    lines: parts.series.flatMap((_, series) => {
      if (series === standing) return [];
      const values = parts.bands.map((_band, band) => parts.cellOf(series, band));
      return [{ series, values, to: values.map(numberOf), base: null, isSecond: isOther }];
    }),
    scale: { ...empty.scale, ...(isOther ? { name: names([first]) } : {}) },
    second: isOther ? { ...empty.scale, unit, name: names(rest) } : null,
    across: acrossOf(widget, first.column.unit),
  };
  const drawn = ruled(plan, { frame, widget, ...around });
  // Bars stand alone in their band: lines have no lane.
  return { as: "chart", plan: { ...drawn, bars: drawn.bars.map((bar) => ({ ...bar, lane: 0 })) } };
}
