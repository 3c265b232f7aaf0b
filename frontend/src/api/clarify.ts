/** Words become a widget in a session of the server: it tells its stages, asks what it must, and ends in a widget or a refusal. */

import type { ClarifyEvent } from "./clarifyEvents";
import { api, told } from "./client";
import { ProblemError, problemFrom, unreachable } from "./problem";
import type { Widget } from "./types";

const STREAM = { "content-type": "application/json", accept: "text/event-stream" };

/** The events in a text of server-sent events, and what is left of one that has not wholly come yet. */
export function readEvents(text: string): { events: ClarifyEvent[]; rest: string } {
  const parts = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = parts.pop() ?? "";
  const events = parts.flatMap((part) => {
    const data = part
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trimStart());
    return data.length > 0 ? [JSON.parse(data.join("\n")) as ClarifyEvent] : [];
  });
  return { events, rest };
}

async function* streamed(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<ClarifyEvent> {
  const post = { method: "POST", headers: STREAM, credentials: "same-origin", signal } as const;
  const response = await fetch(path, { ...post, body: JSON.stringify(body) }).catch(lost);
  if (!response.ok || !response.body) {
    throw new ProblemError(problemFrom(response, await response.json().catch(() => null)));
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(lost);
    const read = readEvents(done ? `${rest}\n\n` : rest + value);
    yield* read.events;
    if (done) return;
    rest = read.rest;
  }
}

function lost(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new ProblemError(unreachable());
}

/** Begins a session. With `editing` the words are a change to that widget. */
export const clarify = (words: string, editing: Widget | null, signal: AbortSignal) =>
  streamed("/v1/widgets/clarify", editing ? { words, editing } : { words }, signal);

/** Goes on with a session, also one that another process or an earlier run of the server began. */
export const answerQuestions = (
  sessionId: string,
  answers: Record<string, string>,
  round: number | null,
  signal: AbortSignal,
) => streamed(`/v1/widgets/clarify/${encodeURIComponent(sessionId)}/answers`, { answers, round }, signal);

/** A session as it stands, with everything it has said. */
export const fetchSession = (sessionId: string) =>
  told(api.GET("/v1/widgets/clarify/{session_id}", { params: { path: { session_id: sessionId } } }));
