import { problemOf } from "@/api/problem";
import { notify } from "@/ui/notices";
import { withMend } from "@/ui/sentences";

/** What went wrong and what to do about it, as one text. */
export function sentenceOf(error: unknown): string {
  const { detail, mend } = problemOf(error);
  return withMend(detail, mend);
}

/** Says why something that was to be done was not, and what mends it. */
export function sayProblem(error: unknown) {
  notify({ text: sentenceOf(error), isTrouble: true });
}
