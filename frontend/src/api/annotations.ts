import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Annotation } from "./types";

const NONE: Annotation[] = [];

/** What is written down beside the data, by time; none as long as they are not known: a chart does not wait for them. */
export function useAnnotations(): Annotation[] {
  const asked = useQuery({
    queryKey: ["annotations"],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/annotations", { signal }))).annotations,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return asked.data ?? NONE;
}
