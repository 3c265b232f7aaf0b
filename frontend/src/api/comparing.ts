import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";
import type { ParityMoved } from "./types";

/** How far a comparison has come that goes on at this moment. `of` is 0 until that is known. */
export interface Progress {
  metricId: string;
  backend: string;
  done: number;
  of: number;
  grain: string;
}

const KEY = ["comparing"];

const isOf = (message: ParityMoved) => (each: Progress) =>
  each.metricId === message.metric_id && each.backend === message.backend;

/** Takes over what the stream says of a comparison. */
export function noteProgress(client: QueryClient, message: ParityMoved) {
  if (message.state === "shadow") return;
  const { metric_id: metricId, backend, done, of, grain } = message;
  client.setQueryData<Progress[]>(KEY, (held = []) => {
    const others = held.filter((each) => !isOf(message)(each));
    return message.state === "done" ? others : [...others, { metricId, backend, done, of, grain }];
  });
}

/** After a gap in the stream nobody knows what goes on. */
export const forgetProgress = (client: QueryClient) => client.setQueryData<Progress[]>(KEY, []);

const NONE: Progress[] = [];

/** The comparisons that go on, of one metric or of all, as the stream tells them. */
export function useComparisonsUnderWay(metricId?: string): Progress[] {
  const all =
    useQuery<Progress[]>({ queryKey: KEY, queryFn: skipToken, gcTime: Number.POSITIVE_INFINITY }).data ??
    NONE;
  return metricId === undefined ? all : all.filter((each) => each.metricId === metricId);
}
