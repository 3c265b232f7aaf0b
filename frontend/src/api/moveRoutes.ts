import { type QueryClient, useMutation, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";

export interface Move {
  metricIds: string[];
  backend: string;
  /** Who asks for it, for the history. Left to the server's own words where nobody is named. */
  by?: string | undefined;
  /** Move although the two differ, for this reason. */
  acceptDifference?: string | undefined;
}

/** Everything that a change of a route makes another: the routes, their stories, and what names the route. */
export const askRoutesAnew = (client: QueryClient) =>
  Promise.all(
    ["routes", "route", "certificate", "metrics", "workspace"].map((page) =>
      askAgain(client, { queryKey: [page] }),
    ),
  );

/** Compares and moves metrics. Each is judged alone; all that pass move in one step. */
export function useMoveRoutes() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ metricIds, backend, by, acceptDifference }: Move) =>
      told(
        api.PUT("/v1/routes", {
          body: {
            routes: Object.fromEntries(metricIds.map((metricId) => [metricId, backend])),
            ...(by && { by }),
            ...(acceptDifference && { accept_difference: acceptDifference }),
          },
        }),
      ),
    onSettled: () => askRoutesAnew(client),
  });
}
