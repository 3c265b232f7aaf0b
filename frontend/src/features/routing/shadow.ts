import type { ShadowLine } from "@/api/types";
import { hasPassed } from "./words";

/** How many of the newest agreed, one after the other. Lines come newest first. */
export function cleanInARow(lines: ShadowLine[]): number {
  const first = lines.findIndex((line) => !hasPassed(line.verdict));
  return first === -1 ? lines.length : first;
}

export function median(values: (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = known[Math.floor((known.length - 1) / 2)];
  return middle ?? null;
}

export function shadowSentence(lines: ShadowLine[]): string {
  const agreed = lines.filter((line) => hasPassed(line.verdict)).length;
  const differ = lines.filter((line) => line.verdict === "differs").length;
  const unread = lines.length - agreed - differ;
  const parts = [`${agreed} of the last ${lines.length} agreed`];
  if (differ > 0) parts.push(`${differ} ${differ === 1 ? "differs" : "differ"}`);
  if (unread > 0) parts.push(`${unread} could not be compared`);
  return `${parts.join(", ")}.`;
}
