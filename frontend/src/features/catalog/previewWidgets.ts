/** The live views of a metric in the catalog. */
import type { Metric, Widget } from "@/api/types";

export function numberWidget(metric: Metric): Widget {
  return { kind: "kpi", question: { metrics: [metric.metric_id], compare: "previous_period" } };
}

/** Null where a metric has no time to be drawn over, or no window: a state as of now has no past. */
export function trendWidget(metric: Metric): Widget | null {
  if (!metric.time || !metric.window) return null;
  return {
    subtitle: "daily, last 30 days",
    kind: "trend",
    question: {
      metrics: [metric.metric_id],
      window: "trailing_30d",
      grain: "day",
      compare: "previous_period",
    },
  };
}

export function dimensionWidget(metric: Metric, dimension: Metric["dimensions"][number]): Widget {
  return {
    subtitle: `by ${dimension.label.toLowerCase()}`,
    kind: "bar",
    question: {
      metrics: [metric.metric_id],
      dimensions: [dimension.name],
      order: [{ by: "value", descending: true }],
      limit: 12,
    },
  };
}
