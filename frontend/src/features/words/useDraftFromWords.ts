import { useDraftMetric } from "@/api/drafts";
import { problemOf } from "@/api/problem";
import type { Problem } from "@/api/types";

interface DraftFromWords {
  isPending: boolean;
  problem: Problem | null;
  draft: (words: string, onDrafted: (draftId: string) => void) => void;
}

/** Where no metric says what is wanted: a draft of one, for its owner to judge. */
export function useDraftFromWords(): DraftFromWords {
  const drafting = useDraftMetric();
  return {
    isPending: drafting.isPending,
    problem: drafting.error ? problemOf(drafting.error) : null,
    draft: (words, onDrafted) =>
      drafting.mutate({ words }, { onSuccess: ({ draft_id }) => onDrafted(draft_id) }),
  };
}
