/** Changes to a widget's spec by form. Each keeps the spec whole: what no longer fits goes with what it belonged to. */
import type { Filter, Metric, Question, Widget, WindowChoice } from "@/api/types";
import { dimensionsOf } from "./filters";

export type Kind = Widget["kind"];
export type Grain = NonNullable<Question["grain"]>;
export type Compare = NonNullable<Question["compare"]>;

const withQuestion = (widget: Widget, change: Partial<Question>): Widget => ({
  ...widget,
  question: { ...widget.question, ...change },
});

/** Series and stacking need two things to tell rows apart by; the series is one of the dimensions. */
function mended(widget: Widget): Widget {
  const { dimensions = [], grain } = widget.question;
  const keys = dimensions.length + (grain ? 1 : 0);
  const hasSeries = typeof widget.series === "string" && dimensions.includes(widget.series) && keys >= 2;
  const next = { ...widget };
  if (!hasSeries) delete next.series;
  if (keys < 2) delete next.stacked;
  return next;
}

export function withMetric(widget: Widget, metricId: string, metrics: Metric[]): Widget {
  const metric = metrics.find((each) => each.metric_id === metricId);
  const names = new Set(metric?.dimensions.map(({ name }) => name));
  const { dimensions = [], filters = [], window, grain } = widget.question;
  const isTimed = metric?.time !== null && metric?.window !== null;
  // A title and a small line were those of the metric before.
  return mended({
    ...widget,
    title: null,
    spark: null,
    question: {
      ...widget.question,
      metrics: [metricId],
      dimensions: dimensions.filter((name) => names.has(name)),
      filters: filters.filter(({ dimension }) => names.has(dimension)),
      window: isTimed ? (window ?? null) : null,
      grain: isTimed ? (grain ?? null) : null,
      order: [],
    },
  });
}

export function withKind(widget: Widget, kind: Kind, metrics: Metric[]): Widget {
  const { dimensions = [], grain } = widget.question;
  const first = dimensionsOf(widget.question, metrics)[0]?.name;
  const shaped: Partial<Question> = {};
  if (kind === "trend") {
    shaped.grain = grain ?? "day";
    shaped.order = [];
    shaped.limit = null;
  } else shaped.grain = kind === "table" ? (grain ?? null) : null;
  if (kind === "kpi") {
    shaped.dimensions = [];
    shaped.order = [];
    shaped.limit = null;
  }
  if ((kind === "bar" || kind === "breakdown") && dimensions.length === 0 && first) {
    shaped.dimensions = [first];
    shaped.order = [{ by: "value", descending: true }];
  }
  return mended(
    withQuestion({ ...widget, kind, spark: kind === "kpi" ? (widget.spark ?? null) : null }, shaped),
  );
}

export function withDimension(widget: Widget, place: number, name: string): Widget {
  const dimensions = [...(widget.question.dimensions ?? [])];
  if (name) dimensions[place] = name;
  else dimensions.splice(place, 1);
  const distinct = [...new Set(dimensions)];
  const order = (widget.question.order ?? []).filter(({ by }) => by === "value" || distinct.includes(by));
  return mended(withQuestion(widget, { dimensions: distinct, order }));
}

export const withFilters = (widget: Widget, filters: Filter[]): Widget => withQuestion(widget, { filters });

export const withWindow = (widget: Widget, window: WindowChoice | null): Widget =>
  withQuestion({ ...widget, subtitle: null }, { window });

export const withGrain = (widget: Widget, grain: Grain | null): Widget =>
  mended(withQuestion({ ...widget, subtitle: null }, { grain }));

export const withCompare = (widget: Widget, compare: Compare | null): Widget =>
  withQuestion(widget, { compare });

export const withLimit = (widget: Widget, limit: number | null): Widget => withQuestion(widget, { limit });

export function withOrder(widget: Widget, written: string): Widget {
  const [by = "", way] = written.split(":");
  return withQuestion(widget, { order: by ? [{ by, descending: way === "desc" }] : [] });
}

export function orderOf(widget: Widget): string {
  const [first] = widget.question.order ?? [];
  return first ? `${first.by}:${first.descending === false ? "asc" : "desc"}` : "";
}

/** The spec as it is worth showing: without what says nothing. */
export function tidySpec(widget: Widget): Widget {
  const isSaid = (value: unknown) =>
    value !== null && value !== undefined && value !== false && !(Array.isArray(value) && value.length === 0);
  const said = (part: object) =>
    Object.fromEntries(Object.entries(part).filter(([, value]) => isSaid(value)));
  return { ...said(widget), question: said(widget.question) } as Widget;
}
