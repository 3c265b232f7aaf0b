import { problemOf } from "@/api/problem";
import { notify } from "@/ui/notices";

/** Says why something that was to be done was not. */
export const sayProblem = (error: unknown) => notify({ text: problemOf(error).detail, isTrouble: true });
