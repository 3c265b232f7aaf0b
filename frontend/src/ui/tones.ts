/** Colours by value: good, to watch, bad. Each has a word, for whoever does not see the colour. */
import { numberOf, type Value } from "@/format/numbers";

export interface Threshold {
  at: string;
  tone: "good" | "watch" | "bad";
}

export type ValueTone = Threshold["tone"];

export const TONE_TEXT: Record<ValueTone, string> = {
  good: "text-good",
  watch: "text-stale",
  bad: "text-bad",
};
export const TONE_FILL: Record<ValueTone, string> = { good: "bg-good", watch: "bg-stale", bad: "bg-bad" };
export const TONE_VARIABLE: Record<ValueTone, string> = {
  good: "--good",
  watch: "--stale",
  bad: "--bad",
};
export const TONE_WORDS: Record<ValueTone, string> = { good: "good", watch: "to watch", bad: "bad" };

/** The tone of the highest threshold that a value has reached; null below the first. Thresholds ascend. */
export function toneOf(value: Value, thresholds: readonly Threshold[] | undefined): ValueTone | null {
  const number = numberOf(value);
  if (number === null || !thresholds) return null;
  return thresholds.findLast(({ at }) => number >= Number(at))?.tone ?? null;
}
