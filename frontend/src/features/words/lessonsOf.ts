import type { Settled } from "./conversation";

export interface Lesson {
  words: string;
  /** The value of the choice that was taken. */
  means: string;
  label: string;
}

const NAMES = /^(metric|dimension|value):/;
/** What is reached in one of several roles has no names of its own. */
const IN_ROLE = " <- ";
const NAMEABLE = /^(?=.*\p{L})[^;:{}[\]"\\]{1,60}$/u;

/** Where several values are called so, the words are names already. */
const canBeName = (kind: string, words: string, means: string): boolean =>
  kind !== "value" && NAMEABLE.test(words) && NAMES.test(means) && !means.includes(IN_ROLE);

/** Words that an answer has given a meaning that can be their name: not those that were left out or said otherwise. */
export function lessonsOf(settled: Settled[]): Lesson[] {
  const found = new Map<string, Lesson>();
  for (const { question, answer } of settled) {
    const chosen = question.choices.find((choice) => choice.label === answer);
    if (!chosen || !canBeName(question.kind, question.words, chosen.value)) continue;
    if (answer.endsWith(" instead")) continue;
    const label = answer.replace(/^(by|only) /, "");
    found.set(question.words, { words: question.words, means: chosen.value, label });
  }
  return [...found.values()];
}
