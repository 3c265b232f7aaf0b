import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Route, Routes } from "./types";

export const useRoutes = () =>
  useQuery({
    queryKey: ["routes"],
    queryFn: ({ signal }) => request<Routes>("GET", "/v1/routes", { signal }),
  });

/** Writes the line in the routing file. */
export function useChangeRoute() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ metricId, backend }: { metricId: string; backend: string }) =>
      request<Route>("PUT", `/v1/routes/${encodeURIComponent(metricId)}`, { body: { backend } }),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["routes"] }),
        client.invalidateQueries({ queryKey: ["metrics"] }),
        client.invalidateQueries({ queryKey: ["workspace"] }),
      ]),
  });
}
