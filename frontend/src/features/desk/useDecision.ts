import { useRef } from "react";
import { type Decision, useDecide } from "@/api/loop";
import { serverNow } from "@/api/workspace";
import { sentenceOf } from "@/widgets/sayProblem";
import { type Outcome, outcomeOf } from "./outcomes";

/**
 * Decides once, however often it is clicked, and tells what came of it. `decide` returns whether it was done; null where
 * a decision is under way already.
 */
export function useDecision(recommendationId: string, onOutcome: (outcome: Outcome) => void) {
  const { mutateAsync, isPending } = useDecide(recommendationId);
  const isUnderWay = useRef(false);
  const decide = async (decision: Decision): Promise<boolean | null> => {
    if (isUnderWay.current) return null;
    isUnderWay.current = true;
    const askedAt = serverNow(Date.now());
    try {
      onOutcome(outcomeOf(decision, await mutateAsync(decision), askedAt));
      return true;
    } catch (error) {
      onOutcome({ text: sentenceOf(error), isGood: false });
      return false;
    } finally {
      isUnderWay.current = false;
    }
  };
  return { decide, isPending };
}
