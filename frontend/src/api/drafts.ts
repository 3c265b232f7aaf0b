import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import { PROPOSALS } from "./proposals";

const DRAFTS = "drafts";

export const useDrafts = () =>
  useQuery({
    queryKey: [DRAFTS],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/drafts", { signal }))).drafts,
  });

const of = (draftId: string) => ({ path: { draft_id: draftId } });

/** What the draft would answer. Its provenance says that it is a draft. */
export const useDraftAnswer = (draftId: string) =>
  useQuery({
    queryKey: ["draft-answer", draftId],
    queryFn: ({ signal }) =>
      told(api.POST("/v1/drafts/{draft_id}/data", { params: of(draftId), body: {}, signal })),
  });

function useDraftChange<T, R>(change: (given: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () =>
      Promise.all(
        [DRAFTS, "metrics", "workspace", PROPOSALS].map((key) => askAgain(client, { queryKey: [key] })),
      ),
  });
}

/** A draft of a metric that these words want. It answers nobody until a person accepts it. */
export const useDraftMetric = () =>
  useDraftChange((body: { words: string }) => told(api.POST("/v1/drafts", { body })));

/** Writes it into the workspace's files, under the name of whoever accepts it. */
export const useAcceptDraft = () =>
  useDraftChange(({ draftId, by }: { draftId: string; by: string }) =>
    told(api.POST("/v1/drafts/{draft_id}/accept", { params: of(draftId), body: { by } })),
  );

export const useDiscardDraft = () =>
  useDraftChange((draftId: string) => told(api.DELETE("/v1/drafts/{draft_id}", { params: of(draftId) })));
