import type { Decision } from "@/api/loop";
import type { Recommendation } from "@/api/types";

/** What came of a decision, in words; `isGood` false where it is not what was asked for. */
export interface Outcome {
  text: string;
  isGood: boolean;
}

const PAST = { approve: "approved", dismiss: "dismissed" } as const;

/** Longer before the click than any clock is off: then it was decided already. */
const BEFORE_MS = 2_000;

/** `askedAt` is the moment of the click on the server's clock, in ms. */
export function outcomeOf(decision: Decision, decided: Recommendation, askedAt: number): Outcome {
  if (decision.kind === "undo") {
    return { text: `Undone: ${decided.label}. Every row is as it was before.`, isGood: true };
  }
  const past = PAST[decision.kind];
  const isSomebodyElses = decided.decided_by !== null && decided.decided_by !== decision.by;
  const wasBefore = decided.decided_at !== null && Date.parse(decided.decided_at) < askedAt - BEFORE_MS;
  if (isSomebodyElses) {
    return { text: `${decided.decided_by} had ${past} this already; it was done once.`, isGood: false };
  }
  if (wasBefore) return { text: `This was ${past} already; it was done once.`, isGood: false };
  return { text: `${past === "approved" ? "Approved" : "Dismissed"}: ${decided.label}.`, isGood: true };
}
