/** A change against another period: how far, which way, and whether that way is good. */
import { fixed, numberOf, shortText, type Value } from "./numbers";

export type Tone = "good" | "bad" | "neutral";

export interface Change {
  way: "up" | "down" | "level";
  text: string;
  tone: Tone;
  /** The colour in words, for whoever does not see it. */
  word: "better" | "worse" | "";
}

const TINY = "<0.1";

const direct = (unit: string | null) => unit?.startsWith("/") === true;

function amount(now: number, before: number, unit: string | null): string {
  const gap = Math.abs(now - before);
  if (unit === "percent") return gap * 100 < 0.05 ? `${TINY} pt` : `${fixed(gap * 100, 1, 1)} pt`;
  if (direct(unit)) return gap < 0.05 ? TINY : fixed(gap, 1, 1);
  // From nothing there is no percentage: the gap itself is the honest figure.
  if (before === 0) return shortText(gap, unit);
  const percent = (gap / Math.abs(before)) * 100;
  if (percent < 0.05) return `${TINY}%`;
  return `${percent >= 1000 ? fixed(percent, 0) : fixed(percent, 1, 1)}%`;
}

const WORDS: Record<Tone, Change["word"]> = { good: "better", bad: "worse", neutral: "" };

/** Whether going up, or down, is good by the metric's own direction. */
export function toneOfChange(isUp: boolean, direction: string): Tone {
  if (direction !== "up_is_good" && direction !== "down_is_good") return "neutral";
  return isUp === (direction === "up_is_good") ? "good" : "bad";
}

/** Null when there is nothing to compare with: then nothing is said. */
export function changeOf(
  value: Value,
  previous: Value,
  unit: string | null,
  direction: string,
): Change | null {
  const now = numberOf(value);
  const before = numberOf(previous);
  if (now === null || before === null) return null;
  if (now === before) return { way: "level", text: "no change", tone: "neutral", word: "" };
  const text = amount(now, before, unit);
  const way = now > before ? "up" : "down";
  // What rounds to nothing is neither better nor worse.
  if (text.startsWith(TINY)) return { way, text, tone: "neutral", word: "" };
  const tone = toneOfChange(way === "up", direction);
  return { way, text, tone, word: WORDS[tone] };
}
