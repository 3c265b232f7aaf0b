import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import type { Dashboard, SavedWidget, Widget } from "./types";

const SAVED = "widgets";

export const useSavedWidgets = () =>
  useQuery({
    queryKey: [SAVED],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/widgets", { signal }))).widgets,
  });

const of = (widgetId: string) => ({ path: { widget_id: widgetId } });

function keep(client: QueryClient, dashboard: Dashboard | null) {
  if (dashboard) client.setQueryData(["dashboard", dashboard.dashboard_id], dashboard);
  return askAgain(client, { queryKey: [SAVED] });
}

/** Saves a widget, and sets it below the other tiles of a dashboard in the same moment. */
export function useAddWidget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { widget: Widget; dashboard_id?: string }) => told(api.POST("/v1/widgets", { body })),
    onSuccess: ({ dashboard }) => void keep(client, dashboard),
  });
}

/** Saves over the version that was read; the tiles that show it follow. */
export function useChangeWidget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ saved, widget }: { saved: SavedWidget; widget: Widget }) =>
      told(
        api.PATCH("/v1/widgets/{widget_id}", {
          params: { ...of(saved.widget_id), header: { "if-match": `"${saved.version}"` } },
          body: { widget },
        }),
      ),
    onSuccess: ({ dashboards }) => {
      for (const id of dashboards) void askAgain(client, { queryKey: ["dashboard", id] });
      return keep(client, null);
    },
  });
}

/** It is kept for 30 days, and `useRestoreWidget` has it back until then. */
export function useDeleteWidget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (widgetId: string) => told(api.DELETE("/v1/widgets/{widget_id}", { params: of(widgetId) })),
    onSuccess: () => keep(client, null),
  });
}

export function useRestoreWidget() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (widgetId: string) =>
      told(api.POST("/v1/widgets/{widget_id}/restore", { params: of(widgetId) })),
    onSuccess: () => keep(client, null),
  });
}
