import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Question } from "./types";

/** Why a figure changed. Of the question its conditions, window and comparison count. */
export const useExplanation = (
  metricId: string,
  {
    filters = [],
    any_of = [],
    segments = [],
    whose = [],
    parameters = {},
    window = null,
    compare = null,
  }: Question,
) =>
  useQuery({
    queryKey: ["explanation", metricId, filters, any_of, segments, whose, parameters, window, compare],
    queryFn: ({ signal }) =>
      told(
        api.POST("/v1/metrics/{metric_id}/explain", {
          params: { path: { metric_id: metricId } },
          body: { filters, any_of, segments, whose, parameters, window, compare },
          signal,
        }),
      ),
    staleTime: 0,
  });
