/** What of an offer is wanted, and what each of it is called. */
import type { OfferedMetric } from "@/api/types";

export interface Choice {
  isChosen: boolean;
  label: string;
}

export const firstChoices = (metrics: OfferedMetric[]): ReadonlyMap<string, Choice> =>
  new Map(metrics.map(({ metric_id, label }) => [metric_id, { isChosen: true, label }]));

/** In the order of the offer. */
export const chosen = (metrics: OfferedMetric[], choices: ReadonlyMap<string, Choice>) =>
  metrics.flatMap(({ metric_id }) => {
    const choice = choices.get(metric_id);
    return choice?.isChosen ? [{ metric_id, label: choice.label.trim() }] : [];
  });

/** Why it cannot be written so; null where it can. */
export function faultOf(metrics: { label: string }[]): string | null {
  if (metrics.length === 0) return "Tick at least one metric.";
  if (metrics.some(({ label }) => label === "")) return "Each chosen metric needs a name.";
  const names = metrics.map(({ label }) => label.toLowerCase());
  const twice = metrics.find((_, at) => names.indexOf(names[at] ?? "") !== at);
  return twice ? `Two metrics are called “${twice.label}”.` : null;
}
