import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, told } from "./client";

export const useRoutes = () =>
  useQuery({ queryKey: ["routes"], queryFn: ({ signal }) => told(api.GET("/v1/routes", { signal })) });

/** Writes the line in the routing file. */
export function useChangeRoute() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ metricId, backend }: { metricId: string; backend: string }) =>
      told(
        api.PUT("/v1/routes/{metric_id}", { params: { path: { metric_id: metricId } }, body: { backend } }),
      ),
    onSettled: () =>
      Promise.all([
        client.invalidateQueries({ queryKey: ["routes"] }),
        client.invalidateQueries({ queryKey: ["metrics"] }),
        client.invalidateQueries({ queryKey: ["workspace"] }),
      ]),
  });
}
