import { useQuery } from "@tanstack/react-query";
import { request } from "./client";
import type { Dictionary } from "./types";

export const useDictionary = () =>
  useQuery({
    queryKey: ["dictionary"],
    queryFn: ({ signal }) => request<Dictionary>("GET", "/v1/dictionary", { signal }),
    staleTime: 5 * 60_000,
  });
