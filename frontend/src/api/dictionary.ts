import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";

export const useDictionary = () =>
  useQuery({
    queryKey: ["dictionary"],
    queryFn: ({ signal }) => told(api.GET("/v1/dictionary", { signal })),
    staleTime: 5 * 60_000,
  });
