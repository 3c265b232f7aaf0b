/** The colours of this page: told by the server at its beginning, and for each value that is met for the first time. */
import { useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, told } from "@/api/client";
import { onSessionMoved } from "@/api/session";
import { createHues } from "./hues";

export const hues = createHues((dimension, values) =>
  told(api.POST("/v1/colours", { body: { dimension, values } })),
);

onSessionMoved(hues.forget);

async function fetchColours(signal: AbortSignal) {
  try {
    const { colours } = await told(api.GET("/v1/colours", { signal }));
    hues.take(colours);
    return colours;
  } catch (error) {
    if (!signal.aborted) hues.take(null);
    throw error;
  }
}

/** Keeps the page's colours those of the server; wanted once, by what every page stands in. */
export function useToldHues(): void {
  useQuery({
    queryKey: ["colours"],
    queryFn: ({ signal }) => fetchColours(signal),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Rises whenever a colour was told: what is drawn is drawn anew then. */
export const useHues = (): number => useSyncExternalStore(hues.subscribe, hues.version);
