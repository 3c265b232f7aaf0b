import type { Metric, Question, Widget } from "@/api/types";

interface Placed {
  id: string;
  widget: Widget;
}

const kpi = (metric: string): Placed => ({
  id: metric,
  widget: { kind: "kpi", question: { metrics: [metric], compare: "previous_period" } },
});

/** The figures that a decision moves. */
const FIGURES = ["active_issues", "claims_in_progress", "nba_taken_pct", "cost_avoided_mtd"].map(kpi);

export const STATE_METRIC = "issue_volume_by_region";
const ISSUE_METRIC = "top_issues";

/** What there is of it in this workspace: a metric that the catalog does not have is not asked for. */
export const deskFigures = (metrics: Metric[]): Placed[] =>
  FIGURES.filter(({ id }) => metrics.some((metric) => metric.metric_id === id));

const hasDimension = (metrics: Metric[], metricId: string, dimension: string) =>
  metrics.some(
    (metric) => metric.metric_id === metricId && metric.dimensions.some((each) => each.name === dimension),
  );

/** Issues by state; null where the workspace does not count them so. */
export const stateQuestion = (metrics: Metric[]): Question | null =>
  hasDimension(metrics, STATE_METRIC, "state")
    ? {
        metrics: [STATE_METRIC],
        dimensions: ["state"],
        window: "trailing_30d",
        compare: "previous_period",
        order: [{ by: "value", descending: true }],
      }
    : null;

/** What is reported: everywhere and open now; of one state, what came in during its window. */
export function issuesWidget(metrics: Metric[], state: string | null): Widget | null {
  const by = { dimensions: ["issue_description"], order: [{ by: "value", descending: true }], limit: 6 };
  if (state !== null && hasDimension(metrics, STATE_METRIC, "issue_description")) {
    return {
      kind: "bar",
      title: `Issues in ${state}`,
      subtitle: "last 30 days",
      question: {
        metrics: [STATE_METRIC],
        filters: [{ dimension: "state", op: "eq", values: [state] }],
        window: "trailing_30d",
        ...by,
      },
    };
  }
  if (!hasDimension(metrics, ISSUE_METRIC, "issue_description")) return null;
  return { kind: "bar", subtitle: "open now", question: { metrics: [ISSUE_METRIC], ...by } };
}
