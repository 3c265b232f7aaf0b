/** Words become a widget in a session of the server: it tells its stages, asks what it must, and ends in a widget or a refusal. */

import type { ClarifyEvent } from "./clarifyEvents";
import { api, fetchInTime, told } from "./client";
import { ProblemError, problemFrom } from "./problem";
import { type Read, streamed } from "./streamed";
import type { Widget } from "./types";

const STREAM = { "content-type": "application/json", accept: "text/event-stream" };

/** The events in a text of server-sent events. */
export function readEvents(text: string): Read<ClarifyEvent> {
  const texts = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = texts.pop() ?? "";
  const parts = texts.flatMap((each) => {
    const data = each
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trimStart());
    return data.length > 0 ? [JSON.parse(data.join("\n")) as ClarifyEvent] : [];
  });
  return { parts, rest };
}

async function* listen(path: string, body: unknown, signal: AbortSignal): AsyncGenerator<ClarifyEvent> {
  const post = { method: "POST", headers: STREAM, credentials: "same-origin", signal } as const;
  const address = new URL(path, window.location.origin);
  const response = await fetchInTime(new Request(address, { ...post, body: JSON.stringify(body) }));
  if (!response.ok || !response.body) {
    throw new ProblemError(problemFrom(response, await response.json().catch(() => null)));
  }
  yield* streamed(response.body, readEvents, signal);
}

/** Begins a session. With `editing` the words are a change to that widget. */
export const clarify = (words: string, editing: Widget | null, signal: AbortSignal) =>
  listen("/v1/widgets/clarify", editing ? { words, editing } : { words }, signal);

/** Goes on with a session, also one that another process or an earlier run of the server began. */
export const answerQuestions = (
  sessionId: string,
  answers: Record<string, string>,
  round: number | null,
  signal: AbortSignal,
) => listen(`/v1/widgets/clarify/${encodeURIComponent(sessionId)}/answers`, { answers, round }, signal);

/** A session as it stands, with everything it has said. */
export const fetchSession = (sessionId: string) =>
  told(api.GET("/v1/widgets/clarify/{session_id}", { params: { path: { session_id: sessionId } } }));
