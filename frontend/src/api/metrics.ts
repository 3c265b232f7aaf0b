import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";

export const useMetrics = () =>
  useQuery({
    queryKey: ["metrics"],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/metrics", { signal }))).metrics,
  });
