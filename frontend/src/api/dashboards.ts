import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Dashboard } from "./types";

const path = (dashboardId: string) => `/v1/dashboards/${encodeURIComponent(dashboardId)}`;

export const useDashboard = (dashboardId: string) =>
  useQuery({
    queryKey: ["dashboard", dashboardId],
    queryFn: ({ signal }) => request<Dashboard>("GET", path(dashboardId), { signal }),
  });

/** Saves over exactly the version that was read; 412 `dashboard_moved` when someone saved first. */
export function useSaveDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboard: Dashboard) =>
      request<Dashboard>("PUT", path(dashboard.dashboard_id), {
        body: dashboard,
        headers: { "If-Match": String(dashboard.version) },
      }),
    onSuccess: (saved) => client.setQueryData(["dashboard", saved.dashboard_id], saved),
  });
}

export function useResetDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboardId: string) => request<Dashboard>("POST", `${path(dashboardId)}/reset`),
    onSuccess: (_, dashboardId) => client.invalidateQueries({ queryKey: ["dashboard", dashboardId] }),
  });
}
