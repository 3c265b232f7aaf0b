import { Batcher, type Send } from "./Batcher";
import { api } from "./client";
import { ProblemError, problemFrom, unreachable } from "./problem";
import type { Answer, BatchAnswer, Question } from "./types";

const LINES = "application/x-ndjson";

/** What came of a stream of lines, and what is left of one that has not wholly come yet. */
function readLines(text: string): { lines: string[]; rest: string } {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  return { lines: lines.filter((line) => line !== ""), rest };
}

/** Each answer is a line that comes as soon as its engine has told it; what the server knows already comes as one body. */
const sendQuestions: Send = async (questions, take, signal) => {
  const { response, data, error } = await api.POST("/v1/data", {
    body: { questions },
    headers: { accept: LINES },
    parseAs: "stream",
    signal,
  });
  if (!response.ok || !data) throw new ProblemError(problemFrom(response, error));
  if (!response.headers.get("content-type")?.startsWith(LINES)) {
    const { answers } = (await new Response(data).json()) as { answers: BatchAnswer[] };
    for (const answer of answers) take(answer);
    return;
  }
  const reader = data.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((lost) => {
      throw signal.aborted ? lost : new ProblemError(unreachable());
    });
    const read = readLines(done ? `${rest}\n` : rest + value);
    for (const line of read.lines) take(JSON.parse(line) as BatchAnswer);
    if (done) return;
    rest = read.rest;
  }
};

const batcher = new Batcher(sendQuestions);

/** Every answer on the page lives under this key, followed by its question. */
export const ANSWER = "answer";

export const answerKey = (question: Question) => [ANSWER, question] as const;

export const ask = (question: Question, signal?: AbortSignal): Promise<Answer> =>
  batcher.ask(question, signal);
