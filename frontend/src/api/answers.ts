import type { QueryClient } from "@tanstack/react-query";
import { Batcher, type Send } from "./Batcher";
import { api } from "./client";
import { ProblemError, problemFrom } from "./problem";
import { type Read, streamed } from "./streamed";
import type { Answer, BatchAnswer, Question } from "./types";

const LINES = "application/x-ndjson";
/** Each line comes within the server's own deadline of 30 s, or not at all. */
const SILENCE_SECONDS = 40;

function readLines(text: string): Read<string> {
  const lines = text.split("\n");
  const rest = lines.pop() ?? "";
  return { parts: lines.filter((line) => line !== ""), rest };
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
  for await (const line of streamed(data, readLines, signal, SILENCE_SECONDS))
    take(JSON.parse(line) as BatchAnswer);
};

const batcher = new Batcher(sendQuestions);

/** Every answer on the page lives under this key, followed by its question. */
export const ANSWER = "answer";

export const answerKey = (question: Question) => [ANSWER, question] as const;

export const ask = (question: Question, signal?: AbortSignal): Promise<Answer> =>
  batcher.ask(question, signal);

/** So long nothing is asked before it is taken that the page asks for no numbers. */
const QUIET = 400;

/** Runs once the page has its first answer; where it asks for none, once all else is there, and in any case after a while. */
export function onceAnswered(client: QueryClient, run: () => void): () => void {
  const stop = () => {
    unsubscribe();
    clearTimeout(timer);
    clearTimeout(quiet);
  };
  const begin = () => {
    stop();
    run();
  };
  const cache = client.getQueryCache();
  const asksNone = () =>
    client.isFetching() === 0 &&
    cache.getAll().some(({ state }) => state.status === "success") &&
    cache.findAll({ queryKey: [ANSWER] }).length === 0;
  const beginIfQuiet = () => {
    if (asksNone()) begin();
  };
  let quiet = setTimeout(beginIfQuiet, QUIET);
  const unsubscribe = cache.subscribe(({ query }) => {
    if (query.queryKey[0] === ANSWER && query.state.status === "success") {
      begin();
      return;
    }
    clearTimeout(quiet);
    quiet = setTimeout(beginIfQuiet, QUIET);
  });
  const timer = setTimeout(begin, 4_000);
  return stop;
}
