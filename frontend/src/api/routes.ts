import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";

export const useRoutes = () =>
  useQuery({ queryKey: ["routes"], queryFn: ({ signal }) => told(api.GET("/v1/routes", { signal })) });

/** A route with its past: comparisons, changes, and what its shadow said. */
export const useRouteStory = (metricId: string | null) =>
  useQuery({
    queryKey: ["route", metricId],
    enabled: metricId !== null,
    queryFn: ({ signal }) =>
      told(api.GET("/v1/routes/{metric_id}", { params: { path: { metric_id: metricId ?? "" } }, signal })),
  });
