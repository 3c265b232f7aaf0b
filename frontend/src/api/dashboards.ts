import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Dashboard } from "./types";

const of = (dashboardId: string) => ({ path: { dashboard_id: dashboardId } });

export const useDashboard = (dashboardId: string) =>
  useQuery({
    queryKey: ["dashboard", dashboardId],
    queryFn: ({ signal }) =>
      told(api.GET("/v1/dashboards/{dashboard_id}", { params: of(dashboardId), signal })),
  });

/** Saves over exactly the version that was read; 412 `dashboard_moved` when someone saved first. */
export function useSaveDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ version, edited: _, ...entry }: Dashboard) =>
      told(
        api.PUT("/v1/dashboards/{dashboard_id}", {
          params: { ...of(entry.dashboard_id), header: { "if-match": `"${version}"` } },
          body: entry,
        }),
      ),
    onSuccess: (saved) => client.setQueryData(["dashboard", saved.dashboard_id], saved),
  });
}

export function useResetDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboardId: string) =>
      told(api.POST("/v1/dashboards/{dashboard_id}/reset", { params: of(dashboardId) })),
    onSuccess: (asFile) => client.setQueryData(["dashboard", asFile.dashboard_id], asFile),
  });
}
