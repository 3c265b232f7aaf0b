import { useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "./client";
import type { RouteStory, Routes } from "./types";

export const useRoutes = () =>
  useQuery({ queryKey: ["routes"], queryFn: ({ signal }) => told(api.GET("/v1/routes", { signal })) });

/** A route with its past: comparisons, changes, and what its shadow said. Until it is there, the route as the list has it. */
export function useRouteStory(metricId: string | null) {
  const client = useQueryClient();
  return useQuery<RouteStory>({
    queryKey: ["route", metricId],
    enabled: metricId !== null,
    queryFn: ({ signal }) =>
      told(api.GET("/v1/routes/{metric_id}", { params: { path: { metric_id: metricId ?? "" } }, signal })),
    placeholderData: (): RouteStory | undefined => {
      const listed = client.getQueryData<Routes>(["routes"])?.routes;
      const route = listed?.find((each) => each.metric_id === metricId);
      return route && { route, comparisons: [], changes: [], shadows: [] };
    },
  });
}
