import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import type { Recommendation } from "./types";

/** Open and decided ones, newest first: one list for the whole page, so that its parts never disagree. */
const LIST = ["recommendations"];
const LIMIT = 60;

export const useRecommendations = () =>
  useQuery({
    queryKey: LIST,
    queryFn: async ({ signal }) =>
      (await told(api.GET("/v1/recommendations", { params: { query: { limit: LIMIT } }, signal })))
        .recommendations,
  });

/** Null while it is not known. */
export function useOpenRecommendations(): Recommendation[] | null {
  return useRecommendations().data?.filter((each) => each.state === "open") ?? null;
}

const of = (recommendationId: string) => ({ params: { path: { recommendation_id: recommendationId } } });

/** One with the context it was decided on and its signed receipt. */
export const useRecommendation = (recommendationId: string) =>
  useQuery({
    queryKey: ["recommendation", recommendationId],
    queryFn: ({ signal }) =>
      told(api.GET("/v1/recommendations/{recommendation_id}", { ...of(recommendationId), signal })),
  });

export const useSignals = () =>
  useQuery({
    queryKey: ["signals"],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/alerts", { signal }))).alerts,
  });

export const useCustomer = (customerId: string | null) =>
  useQuery({
    queryKey: ["customer", customerId],
    enabled: customerId !== null,
    queryFn: ({ signal }) =>
      told(
        api.GET("/v1/customers/{customer_id}", {
          params: { path: { customer_id: customerId ?? "" } },
          signal,
        }),
      ),
  });

export type Decision =
  | { kind: "approve"; by: string }
  | { kind: "dismiss"; by: string; reason: string }
  | { kind: "undo" };

function send(recommendationId: string, decision: Decision): Promise<Recommendation> {
  switch (decision.kind) {
    case "approve":
      return told(
        api.POST("/v1/recommendations/{recommendation_id}/approve", {
          ...of(recommendationId),
          body: { by: decision.by },
        }),
      );
    case "dismiss":
      return told(
        api.POST("/v1/recommendations/{recommendation_id}/dismiss", {
          ...of(recommendationId),
          body: { by: decision.by, reason: decision.reason },
        }),
      );
    case "undo":
      return told(api.POST("/v1/recommendations/{recommendation_id}/undo", of(recommendationId)));
  }
}

/** Decides about one recommendation. What comes back is put in its place at once, before the stream tells of it. */
export function useDecide(recommendationId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (decision: Decision) => send(recommendationId, decision),
    onSuccess: (decided) => {
      client.setQueryData<Recommendation[]>(LIST, (held) =>
        held?.map((each) =>
          each.recommendation_id === recommendationId && each.revision <= decided.revision ? decided : each,
        ),
      );
    },
    // A refusal means that the page held something old: what is there now is read, whatever came of it.
    onSettled: () => {
      for (const queryKey of [LIST, ["recommendation", recommendationId], ["signals"], ["customer"]]) {
        void askAgain(client, { queryKey });
      }
    },
  });
}
