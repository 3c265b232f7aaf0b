import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import { ProblemError } from "./problem";
import type { Dashboard, Tile } from "./types";

const ATTEMPTS = 3;

const of = (dashboardId: string) => ({ path: { dashboard_id: dashboardId } });

export const useDashboard = (dashboardId: string) =>
  useQuery({
    queryKey: ["dashboard", dashboardId],
    queryFn: ({ signal }) =>
      told(api.GET("/v1/dashboards/{dashboard_id}", { params: of(dashboardId), signal })),
  });

const saveOver = ({ version, edited: _, ...entry }: Dashboard) =>
  told(
    api.PUT("/v1/dashboards/{dashboard_id}", {
      params: { ...of(entry.dashboard_id), header: { "if-match": `"${version}"` } },
      body: entry,
    }),
  );

/** Saves over exactly the version that was read; 412 `dashboard_moved` when someone saved first. */
export function useSaveDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: saveOver,
    onSuccess: (saved) => client.setQueryData(["dashboard", saved.dashboard_id], saved),
  });
}

interface TilesChange {
  dashboardId: string;
  change: (tiles: Tile[]) => Tile[];
  label?: string;
}

/** A change to single tiles, or to the name. It is made again on top of whatever someone else saved in between. */
async function changeDashboard({ dashboardId, change, label }: TilesChange): Promise<Dashboard> {
  for (let attempt = 1; ; attempt++) {
    const held = await told(api.GET("/v1/dashboards/{dashboard_id}", { params: of(dashboardId) }));
    try {
      return await saveOver({ ...held, label: label ?? held.label, tiles: change(held.tiles) });
    } catch (error) {
      const isMoved = error instanceof ProblemError && error.problem.status === 412;
      if (!isMoved || attempt === ATTEMPTS) throw error;
    }
  }
}

export function useChangeDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: changeDashboard,
    onSuccess: (saved, { label }) => {
      client.setQueryData(["dashboard", saved.dashboard_id], saved);
      if (label !== undefined) listAgain(client);
    },
  });
}

/** What the screen changed of its file; asked for where it is looked at. */
export const useDashboardChanges = (dashboardId: string, isLookedAt: boolean) =>
  useQuery({
    queryKey: ["dashboard", dashboardId, "changes"],
    queryFn: ({ signal }) =>
      told(api.GET("/v1/dashboards/{dashboard_id}/changes", { params: of(dashboardId), signal })),
    enabled: isLookedAt,
    staleTime: 0,
    retry: false,
  });

export function useResetDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboardId: string) =>
      told(api.POST("/v1/dashboards/{dashboard_id}/reset", { params: of(dashboardId) })),
    onSuccess: (asFile) => client.setQueryData(["dashboard", asFile.dashboard_id], asFile),
  });
}

const DASHBOARDS = "dashboards";

/** Every dashboard, with where it comes from: a file of the workspace, or the screen. */
export const useDashboards = () =>
  useQuery({
    queryKey: [DASHBOARDS],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/dashboards", { signal }))).dashboards,
  });

function listAgain(client: QueryClient) {
  void askAgain(client, { queryKey: [DASHBOARDS] });
  void askAgain(client, { queryKey: ["workspace"] });
}

export function useAddDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { label: string; copy_of?: string }) => told(api.POST("/v1/dashboards", { body })),
    onSuccess: (added) => {
      client.setQueryData(["dashboard", added.dashboard_id], added);
      listAgain(client);
    },
  });
}

/** It is kept for 30 days: `useRestoreDashboard` undoes it. */
export function useDeleteDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboardId: string) =>
      told(api.DELETE("/v1/dashboards/{dashboard_id}", { params: of(dashboardId) })),
    onSuccess: () => listAgain(client),
  });
}

export function useRestoreDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (dashboardId: string) =>
      told(api.POST("/v1/dashboards/{dashboard_id}/restore", { params: of(dashboardId) })),
    onSuccess: (restored) => {
      client.setQueryData(["dashboard", restored.dashboard_id], restored);
      listAgain(client);
    },
  });
}

/** As a file of the workspace's `dashboards/` has it. */
export const fetchDashboardYaml = (dashboardId: string): Promise<string> =>
  told(api.GET("/v1/dashboards/{dashboard_id}/yaml", { params: of(dashboardId), parseAs: "text" }));

/** With `over` the version that is written over; without it only a new dashboard is made. */
export function useImportDashboard() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ dashboardId, yaml, over }: { dashboardId: string; yaml: string; over?: number }) =>
      told(
        api.PUT("/v1/dashboards/{dashboard_id}/yaml", {
          params: { ...of(dashboardId), header: over === undefined ? {} : { "if-match": `"${over}"` } },
          body: yaml,
          bodySerializer: (text) => text,
          headers: { "content-type": "text/yaml" },
        }),
      ),
    onSuccess: (imported) => {
      client.setQueryData(["dashboard", imported.dashboard_id], imported);
      listAgain(client);
    },
  });
}
