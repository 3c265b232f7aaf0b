import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Metric } from "./types";

export const useMetrics = () =>
  useQuery({
    queryKey: ["metrics"],
    queryFn: async ({ signal }) =>
      (await request<{ metrics: Metric[] }>("GET", "/v1/metrics", { signal })).metrics,
  });

/** One metric out of the catalog that the page already holds. */
export function useMetric(metricId: string | undefined): Metric | undefined {
  return useMetrics().data?.find((metric) => metric.metric_id === metricId);
}
