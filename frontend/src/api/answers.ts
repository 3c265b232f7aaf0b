import { Batcher } from "./Batcher";
import { request } from "./client";
import type { Answer, BatchAnswer, Question } from "./types";

const batcher = new Batcher(async (questions) => {
  const body = await request<{ answers: BatchAnswer[] }>("POST", "/v1/data", { body: { questions } });
  return body.answers;
});

/** Every answer on the page lives under this key, followed by its question. */
export const ANSWER = "answer";

export const answerKey = (question: Question) => [ANSWER, question] as const;

export const ask = (question: Question): Promise<Answer> => batcher.ask(question);
