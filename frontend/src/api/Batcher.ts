import { ProblemError, problemOf } from "./problem";
import type { Answer, BatchAnswer, Question } from "./types";

interface Waiting {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
  /** The asker no longer wants it. */
  hasLeft: boolean;
  onLeave?: () => void;
}

type Keyed = Question & { key: string };

/** Asks, and hands each answer on as soon as it is there. */
export type Send = (
  questions: Keyed[],
  take: (answer: BatchAnswer) => void,
  signal: AbortSignal,
) => Promise<void>;

/**
 * Gathers the questions of one moment into one round trip. Each asker gets its own answer or its own problem, and gets it when it
 * is there: one failing question never takes its neighbours down, and a slow one never holds them up. Equal questions are asked
 * once; what nobody waits for any more is given up.
 */
export class Batcher {
  private waiting = new Map<string, Waiting[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: Send,
    private readonly waitMs = 5,
    private readonly largest = 64,
  ) {}

  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const key = JSON.stringify(question);
      const others = this.waiting.get(key) ?? [];
      const asker: Waiting = { question, resolve, reject, hasLeft: false };
      signal?.addEventListener("abort", () => {
        asker.hasLeft = true;
        reject(signal.reason);
        asker.onLeave?.();
      });
      this.waiting.set(key, [...others, asker]);
      this.timer ??= setTimeout(() => this.flush(), this.waitMs);
    });
  }

  private flush() {
    const groups = [...this.waiting.values()].filter((group) => group.some(({ hasLeft }) => !hasLeft));
    this.waiting = new Map();
    this.timer = undefined;
    for (let from = 0; from < groups.length; from += this.largest) {
      void this.sendTogether(groups.slice(from, from + this.largest));
    }
  }

  private async sendTogether(groups: Waiting[][]) {
    const open = new Map(groups.map((group, index) => [`q${index}`, group]));
    const line = new AbortController();
    for (const asker of groups.flat()) {
      asker.onLeave = () => {
        if ([...open.values()].flat().every(({ hasLeft }) => hasLeft)) line.abort();
      };
    }
    try {
      const questions = [...open].flatMap(([key, [first]]) => (first ? [{ ...first.question, key }] : []));
      const take = (told: BatchAnswer) => {
        settle(open.get(told.key) ?? [], told);
        open.delete(told.key);
      };
      await this.send(questions, take, line.signal);
      for (const group of open.values()) settle(group, undefined);
    } catch (error) {
      for (const { reject } of [...open.values()].flat()) reject(error);
    }
  }
}

function settle(group: Waiting[], outcome: BatchAnswer | undefined) {
  for (const { resolve, reject } of group) {
    if (outcome?.answer) resolve(outcome.answer);
    else if (outcome?.problem) reject(new ProblemError(outcome.problem));
    else reject(new ProblemError(problemOf(new Error("The server left this question out of its answer."))));
  }
}
