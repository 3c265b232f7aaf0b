/** Requests to begin with, made of what this workspace's catalog has. */
import type { Metric } from "@/api/types";
import { capital } from "@/format/words";

const plainLabel = (metric: Metric) => metric.label.replace(/\s*\([^)]*\)$/, "");

/** Up to three, each of another shape: a split, a line over time, a comparison. */
export function exampleRequests(metrics: Metric[]): string[] {
  const timed = metrics.filter((metric) => metric.window !== null);
  const split = timed.find((metric) => metric.dimensions.length > 0 && !/\bby\b/i.test(metric.label));
  const line = timed.find((metric) => metric !== split && !/\bby\b/i.test(metric.label));
  const compared = timed.findLast((metric) => metric !== split && metric !== line);
  const said = [
    split && `${plainLabel(split)} by ${split.dimensions[0]?.label.toLowerCase()}, last 30 days`,
    line && `${plainLabel(line)} weekly, last 90 days`,
    compared && `${plainLabel(compared)} this month`,
  ];
  return said.filter((each) => each !== undefined).map(capital);
}
