import type { Metric, Widget } from "@/api/types";

/** The live views of a metric in the catalog: its number, its line where it has a time, its parts by a dimension. */
export function previewWidgets(metric: Metric, dimension: string | null): Widget[] {
  const metrics = [metric.metric_id];
  const widgets: Widget[] = [
    {
      title: null,
      subtitle: null,
      kind: "kpi",
      question: { metrics, compare: metric.window ? "previous_period" : null },
      spark: null,
    },
  ];
  if (metric.time && metric.window) {
    widgets.push({
      title: null,
      subtitle: "daily, last 30 days",
      kind: "trend",
      question: { metrics, window: "trailing_30d", grain: "day", compare: "previous_period" },
      spark: null,
    });
  }
  if (dimension) {
    const label = metric.dimensions.find((each) => each.name === dimension)?.label ?? dimension;
    widgets.push({
      title: null,
      subtitle: `by ${label.toLowerCase()}`,
      kind: "bar",
      question: { metrics, dimensions: [dimension], order: [{ by: "value", descending: true }], limit: 12 },
      spark: null,
    });
  }
  return widgets;
}
