import { ProblemError, problemOf } from "./problem";
import type { Answer, BatchAnswer, Question } from "./types";

interface Waiting {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export type Send = (questions: (Question & { key: string })[]) => Promise<BatchAnswer[]>;

/**
 * Gathers the questions of one moment into one round trip. Each asker gets its own answer or its own problem:
 * one failing question never takes its neighbours down. Equal questions are asked once.
 */
export class Batcher {
  private waiting = new Map<string, Waiting[]>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: Send,
    private readonly waitMs = 5,
    private readonly largest = 64,
  ) {}

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const key = JSON.stringify(question);
      const others = this.waiting.get(key) ?? [];
      this.waiting.set(key, [...others, { question, resolve, reject }]);
      this.timer ??= setTimeout(() => this.flush(), this.waitMs);
    });
  }

  private flush() {
    const groups = [...this.waiting.values()];
    this.waiting = new Map();
    this.timer = undefined;
    for (let from = 0; from < groups.length; from += this.largest) {
      void this.sendTogether(groups.slice(from, from + this.largest));
    }
  }

  private async sendTogether(groups: Waiting[][]) {
    try {
      const questions = groups.flatMap(([first], index) =>
        first ? [{ ...first.question, key: `q${index}` }] : [],
      );
      const answers = new Map((await this.send(questions)).map((each) => [each.key, each]));
      groups.forEach((group, index) => {
        settle(group, answers.get(`q${index}`));
      });
    } catch (error) {
      for (const { reject } of groups.flat()) reject(error);
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
