import { useMutation, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import { PROPOSALS } from "./proposals";

interface Lesson {
  words: string;
  /** The value of the choice that explained them. */
  means: string;
}

/** Proposes that words are another name for what they were said to mean. Nothing is written by it. */
export function useProposeSynonym() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: Lesson) => told(api.POST("/v1/synonyms", { body })),
    onSettled: () => askAgain(client, { queryKey: [PROPOSALS] }),
  });
}
