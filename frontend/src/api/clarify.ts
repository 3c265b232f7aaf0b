/** Words become a widget in a session of the server: it tells its stages, asks what it must, and ends in a widget or a refusal. */

import type { ClarifyEvent } from "./clarifyEvents";
import { api, told } from "./client";
import { listen } from "./events";
import type { Widget } from "./types";

/** Begins a session. With `editing` the words are a change to that widget. */
export const clarify = (words: string, editing: Widget | null, signal: AbortSignal) =>
  listen<ClarifyEvent>("/v1/widgets/clarify", editing ? { words, editing } : { words }, signal);

/** Goes on with a session, also one that another process or an earlier run of the server began. */
export const answerQuestions = (
  sessionId: string,
  answers: Record<string, string>,
  round: number | null,
  signal: AbortSignal,
) =>
  listen<ClarifyEvent>(
    `/v1/widgets/clarify/${encodeURIComponent(sessionId)}/answers`,
    { answers, round },
    signal,
  );

/** A session as it stands, with everything it has said. */
export const fetchSession = (sessionId: string) =>
  told(api.GET("/v1/widgets/clarify/{session_id}", { params: { path: { session_id: sessionId } } }));
