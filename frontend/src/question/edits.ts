/** Changes to a widget's spec by form. Each keeps the spec whole: what no longer fits goes with what it belonged to. */
import type { Filter, Metric, Question, Widget, WindowChoice } from "@/api/types";
import { dimensionsOf } from "./filters";
import { placeNames, placesNamed } from "./places";

export type Kind = Widget["kind"];
export type Grain = NonNullable<Question["grain"]>;
export type Compare = NonNullable<Question["compare"]>;

const withQuestion = (widget: Widget, change: Partial<Question>): Widget => ({
  ...widget,
  question: { ...widget.question, ...change },
});

/** Kinds that have a place for all others together, beside the groups that come first (`WITH_OTHERS` in widget.py). */
const WITH_OTHERS = new Set<Kind>(["trend", "bar", "breakdown", "table"]);

/** Whether a question can be asked for all groups beyond its limit as well. */
export const mayHaveOthers = ({ kind, question }: Widget): boolean =>
  WITH_OTHERS.has(kind) && Boolean(question.limit && question.dimensions?.length) && !question.having?.length;

/** Series and stacking need two things to tell rows apart by; the series is one of the dimensions. */
function mended(given: Widget): Widget {
  const widget =
    given.question.others && !mayHaveOthers(given) ? withQuestion(given, { others: false }) : given;
  const { dimensions = [], grain } = widget.question;
  const keys = dimensions.length + (grain ? 1 : 0);
  const hasSeries = typeof widget.series === "string" && dimensions.includes(widget.series) && keys >= 2;
  const next = { ...widget };
  if (!hasSeries) delete next.series;
  if (keys < 2) delete next.stacked;
  if (keys < 2 || widget.question.metrics.length > 1) delete next.shares;
  return next;
}

export function withMetric(widget: Widget, metricId: string, metrics: Metric[]): Widget {
  const metric = metrics.find((each) => each.metric_id === metricId);
  const names = new Set(metric?.dimensions.map(({ name }) => name));
  const { dimensions = [], filters = [], window, grain } = widget.question;
  const isTimed = metric?.time !== null && metric?.window !== null;
  // A title and a small line were those of the metric before.
  const next = mended({
    ...widget,
    title: null,
    spark: null,
    question: {
      ...widget.question,
      metrics: [metricId],
      // Cohorts take theirs anew, and the size beside them.
      dimensions: widget.kind === "cohort" ? [] : dimensions.filter((name) => names.has(name)),
      filters: filters.filter(({ dimension }) => names.has(dimension)),
      window: isTimed ? (window ?? null) : null,
      grain: isTimed ? (grain ?? null) : null,
      order: [],
    },
  });
  return refitted(next, metrics);
}

/** Kinds that show two metrics beside one another. */
export const ofTwo = (kind: Kind) => kind === "combo" || kind === "scatter";

/** One dimension of places, or a point of the earth, with a name beside it or none. */
const isOfPlaces = (dimensions: string[]) =>
  dimensions.length === 1 || (dimensions.length <= 3 && placeNames(dimensions) !== null);

/** Whether a kind can be drawn of a question: the server's own rule (`lacking` in widget.py). */
function isWhole({ kind, question }: Widget): boolean {
  const { grain, metrics } = question;
  const dimensions = question.dimensions?.length ?? 0;
  const keys = dimensions + (grain ? 1 : 0);
  switch (kind) {
    case "combo":
      return metrics.length >= 2 && Boolean(grain) && dimensions === 0;
    case "scatter":
      return metrics.length === 2 && keys > 0;
    case "histogram":
      return metrics.length === 1 && keys > 0;
    case "heatmap":
      return metrics.length === 1 && (keys === 2 || (grain === "hour" && dimensions === 0));
    case "pivot":
      return keys >= 2 && dimensions > 0;
    case "multiples":
      return metrics.length === 1 && Boolean(grain) && dimensions > 0;
    case "map":
      return metrics.length === 1 && isOfPlaces(question.dimensions ?? []) && !grain;
    case "funnel":
      return metrics.length >= 2 && keys === 0;
    case "gauge":
      return metrics.length === 1 && dimensions <= 1 && !grain && question.targets === true;
    case "cohort":
      return metrics.length <= 2 && dimensions === 1 && Boolean(grain);
    default:
      return true;
  }
}

/** After a change, a kind that no longer fits takes what it needs; where there is nothing to take, a table does. */
function refitted(widget: Widget, metrics: Metric[]): Widget {
  if (isWhole(widget)) return widget;
  const next = withKind(widget, widget.kind, metrics);
  return isWhole(next) ? next : mended({ ...widget, kind: "table" });
}

const isTimed = (metric: Metric | undefined) => Boolean(metric?.time && metric.window);

/** Metrics that may stand beside the first: over time, or split by what both can be split by. */
export function secondMetrics(widget: Widget, metrics: Metric[]): Metric[] {
  const first = metrics.find((each) => each.metric_id === widget.question.metrics[0]);
  if (!first) return [];
  const names = new Set(first.dimensions.map(({ name }) => name));
  return metrics.filter((each) => {
    // One statement asks both: they have to lie on one engine.
    if (each === first || each.backend !== first.backend) return false;
    if (widget.kind === "combo") return isTimed(first) && isTimed(each);
    return isTimed(first) === isTimed(each) && each.dimensions.some(({ name }) => names.has(name));
  });
}

export const withSecond = (widget: Widget, metricId: string, metrics: Metric[]): Widget =>
  refitted(
    mended({
      ...withQuestion(widget, { metrics: [widget.question.metrics[0] ?? metricId, metricId], order: [] }),
      title: null,
    }),
    metrics,
  );

/** The kinds that can be drawn of a question, with what they would take. */
export const canBe = (widget: Widget, kind: Kind, metrics: Metric[]): boolean =>
  kind !== "text" && isWhole(withKind(widget, kind, metrics));

/** Whether one statement can ask a metric beside the first: both have to lie on one engine. */
const liesBeside = (metricId: string, first: Metric, metrics: Metric[]): boolean =>
  metrics.some((each) => each.metric_id === metricId && each.backend === first.backend);

/** The funnel that a widget draws, from its first step on, with those steps that it leaves out. */
export function stepsOf({ question }: Widget, metrics: Metric[]): string[] {
  const [first] = question.metrics;
  const longest = metrics.find((each) => each.metric_id === first)?.funnel ?? [];
  const asked = question.metrics;
  return asked.every((step) => longest.includes(step)) ? longest : asked;
}

/** With a step or without it; the first one is what all others are a share of, and one alone is no funnel. */
export function withStep(widget: Widget, step: string, isShown: boolean, metrics: Metric[]): Widget {
  const shown = new Set(widget.question.metrics);
  if (isShown) shown.add(step);
  else shown.delete(step);
  const steps = stepsOf(widget, metrics).filter((each) => shown.has(each));
  return steps.length < 2 || steps[0] !== widget.question.metrics[0]
    ? widget
    : withQuestion(widget, { metrics: steps });
}

/** What a kind that comes later needs of a question. */
function furtherShape(widget: Widget, kind: Kind, metrics: Metric[]): Partial<Question> {
  const { dimensions = [], grain } = widget.question;
  const [first = "", held] = widget.question.metrics;
  const metric = metrics.find((each) => each.metric_id === first);
  const able = metric?.dimensions.map(({ name }) => name) ?? [];
  const some = (count: number) => [...new Set([...dimensions, ...able])].slice(0, count);
  const timed = isTimed(metric);
  const alone = { metrics: [first] };
  const second = secondMetrics({ ...widget, kind }, metrics);
  const other = second.find((each) => each.metric_id === held) ?? second[0];
  const both = other ? { metrics: [first, other.metric_id] } : alone;
  switch (kind) {
    case "combo":
      return { ...both, dimensions: [], grain: timed ? (grain ?? "day") : null, limit: null };
    case "scatter": {
      const shared = other?.dimensions.map(({ name }) => name) ?? [];
      const chosen = dimensions.filter((name) => shared.includes(name));
      const fallback = able.filter((name) => shared.includes(name)).slice(0, 1);
      return { ...both, dimensions: chosen.length > 0 ? chosen : fallback, grain: null };
    }
    case "histogram":
      if (dimensions.length > 0) return { ...alone, grain: null, limit: null };
      return timed
        ? { ...alone, grain: grain ?? "day", limit: null }
        : { ...alone, dimensions: some(1), limit: null };
    case "heatmap":
      if (dimensions.length === 0 && grain === "hour") return alone;
      if (timed && grain) return { ...alone, dimensions: some(1), limit: null };
      return { ...alone, dimensions: some(2), grain: null, limit: null };
    case "pivot":
      return grain ? { dimensions: some(Math.max(1, dimensions.length)) } : { dimensions: some(2) };
    case "multiples":
      return {
        ...alone,
        dimensions: some(Math.max(1, dimensions.length)),
        grain: timed ? (grain ?? "week") : null,
      };
    case "map": {
      if (dimensions.length > 1 && isOfPlaces(dimensions)) return { ...alone, grain: null, limit: null };
      const place = [...dimensions, ...able].find((name) => placesNamed(name) !== null);
      const point = placeNames(able);
      const shown = place ? [place] : point ? [point.latitude, point.longitude] : [];
      return { ...alone, dimensions: shown, grain: null, limit: null };
    }
    case "funnel": {
      const steps = metric?.funnel ?? [];
      const begins = metrics.find((each) => each.metric_id === steps[0]);
      const isAlike = begins && steps.every((step) => liesBeside(step, begins, metrics));
      const held = widget.kind === "funnel" && widget.question.metrics.length > 1;
      const taken = held ? widget.question.metrics : isAlike ? steps : [first];
      return { metrics: taken, dimensions: [], grain: null, limit: null };
    }
    case "gauge":
      return {
        ...alone,
        dimensions: dimensions.slice(0, 1),
        grain: null,
        limit: null,
        targets: metric?.has_targets === true,
      };
    case "cohort": {
      const told = metric?.cohort;
      if (!metric || !told) return { ...alone, dimensions: [], grain: null };
      const { size } = told;
      const shown = size && liesBeside(size, metric, metrics) ? { metrics: [first, size] } : alone;
      return { ...shown, dimensions: [told.dimension], grain: told.grain, limit: null };
    }
    default:
      return {};
  }
}

export function withKind(asked: Widget, kind: Kind, metrics: Metric[]): Widget {
  const further = furtherShape(asked, kind, metrics);
  if (Object.keys(further).length > 0) {
    return mended(withQuestion({ ...asked, kind, spark: null }, { ...further, order: [] }));
  }
  // What stood beside the first metric was there for the kind that showed two.
  const widget =
    ofTwo(asked.kind) || asked.kind === "cohort"
      ? withQuestion(asked, { metrics: asked.question.metrics.slice(0, 1) })
      : asked;
  const { dimensions = [], grain } = widget.question;
  const first = dimensionsOf(widget.question, metrics)[0]?.name;
  const shaped: Partial<Question> = asked.question.targets && kind !== "trend" ? { targets: false } : {};
  if (kind === "trend") {
    shaped.grain = grain ?? "day";
    shaped.order = [];
    if (!widget.question.others) shaped.limit = null;
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

export function withDimension(widget: Widget, place: number, name: string, metrics: Metric[]): Widget {
  const dimensions = [...(widget.question.dimensions ?? [])];
  if (name) dimensions[place] = name;
  else dimensions.splice(place, 1);
  const distinct = [...new Set(dimensions)];
  const order = (widget.question.order ?? []).filter(({ by }) => by === "value" || distinct.includes(by));
  return refitted(mended(withQuestion(widget, { dimensions: distinct, order })), metrics);
}

export const withOwnFilters = (widget: Widget, filters: Filter[]): Widget =>
  withQuestion(widget, { filters });

export const withWindow = (widget: Widget, window: WindowChoice | null): Widget =>
  withQuestion({ ...widget, subtitle: null }, { window });

export const withGrain = (widget: Widget, grain: Grain | null, metrics: Metric[]): Widget =>
  refitted(mended(withQuestion({ ...widget, subtitle: null }, { grain })), metrics);

export const withTargets = (widget: Widget, targets: boolean): Widget => withQuestion(widget, { targets });

export const withCompare = (widget: Widget, compare: Compare | null): Widget =>
  withQuestion(widget, { compare });

/** Over time the limit is one of groups, and what is beyond it is shown: a bound of rows would cut a line in two. */
export function withLimit(widget: Widget, limit: number | null): Widget {
  const others = widget.kind === "trend" ? limit !== null : (widget.question.others ?? false);
  return mended(withQuestion(widget, { limit, others }));
}

export const withOthers = (widget: Widget, others: boolean): Widget =>
  mended(withQuestion(widget, { others }));

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
