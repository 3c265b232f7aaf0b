import type { Settled } from "./conversation";

export interface Lesson {
  words: string;
  /** The value of the choice that was taken. */
  means: string;
  label: string;
}

const NAMES = /^(metric|dimension|value):/;

/** Words that an answer has given a meaning that can be their name: not those that were left out or said otherwise. */
export function lessonsOf(settled: Settled[]): Lesson[] {
  const found = new Map<string, Lesson>();
  for (const { question, answer } of settled) {
    const chosen = question.choices.find((choice) => choice.label === answer);
    if (!chosen || !question.words || !NAMES.test(chosen.value) || answer.endsWith(" instead")) continue;
    const label = answer.replace(/^(by|only) /, "");
    found.set(question.words, { words: question.words, means: chosen.value, label });
  }
  return [...found.values()];
}
