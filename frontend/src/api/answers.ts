import { Batcher } from "./Batcher";
import { api, told } from "./client";
import type { Answer, Question } from "./types";

const batcher = new Batcher(
  async (questions) => (await told(api.POST("/v1/data", { body: { questions } }))).answers,
);

/** Every answer on the page lives under this key, followed by its question. */
export const ANSWER = "answer";

export const answerKey = (question: Question) => [ANSWER, question] as const;

export const ask = (question: Question): Promise<Answer> => batcher.ask(question);
