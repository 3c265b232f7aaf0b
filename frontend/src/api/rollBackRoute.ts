import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, told } from "./client";
import { askRoutesAnew } from "./moveRoutes";

interface RollBack {
  metricId: string;
  by?: string | undefined;
}

/** Back to the backend that served before, at once and without a comparison. */
export function useRollBackRoute() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ metricId, by }: RollBack) =>
      told(
        api.POST("/v1/routes/{metric_id}/rollback", {
          params: { path: { metric_id: metricId } },
          body: by ? { by } : {},
        }),
      ),
    onSettled: () => askRoutesAnew(client),
  });
}
