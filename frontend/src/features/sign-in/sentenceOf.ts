import { problemOf } from "@/api/problem";

/** What went wrong and what to do about it, as one text. */
export function sentenceOf(error: unknown): string {
  const { detail, mend } = problemOf(error);
  return mend ? `${detail} ${mend[0]?.toUpperCase()}${mend.slice(1).replace(/\.$/, "")}.` : detail;
}
