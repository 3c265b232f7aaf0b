import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Question } from "./types";

/** The rows that count in a number, newest first, without personal columns. Of the question its conditions and window count. */
export const useRows = (
  metricId: string,
  { filters = [], any_of = [], segments = [], whose = [], window = null }: Question,
) =>
  useQuery({
    queryKey: ["rows", metricId, filters, any_of, segments, whose, window],
    queryFn: ({ signal }) =>
      told(
        api.POST("/v1/metrics/{metric_id}/rows", {
          params: { path: { metric_id: metricId } },
          body: { filters, any_of, segments, whose, window },
          signal,
        }),
      ),
    staleTime: 0,
  });
