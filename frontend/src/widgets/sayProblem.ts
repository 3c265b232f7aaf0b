import { problemOf } from "@/api/problem";
import { notify } from "@/ui/notices";
import { withMend } from "@/ui/sentences";

/** Says why something that was to be done was not, and what mends it. */
export function sayProblem(error: unknown) {
  const { detail, mend } = problemOf(error);
  notify({ text: withMend(detail, mend), isTrouble: true });
}
