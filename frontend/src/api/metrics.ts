import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Metric } from "./types";

/** Before they are known: one list, so that what is worked out from it stays as it is. */
export const NO_METRICS: Metric[] = [];

export const useMetrics = () =>
  useQuery({
    queryKey: ["metrics"],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/metrics", { signal }))).metrics,
  });
