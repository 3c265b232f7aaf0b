/** What a server tells in events, one after the other, in answer to one request. */

import { fetchInTime } from "./client";
import { ProblemError, problemFrom } from "./problem";
import { type Read, streamed } from "./streamed";

const STREAM = { "content-type": "application/json", accept: "text/event-stream" };

/** The events in a text of server-sent events. */
export function readEvents<Event>(text: string): Read<Event> {
  const texts = text.replaceAll("\r\n", "\n").split("\n\n");
  const rest = texts.pop() ?? "";
  const parts = texts.flatMap((each) => {
    const data = each
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice(5).trimStart());
    return data.length > 0 ? [JSON.parse(data.join("\n")) as Event] : [];
  });
  return { parts, rest };
}

/** Posts a body and tells each event as it comes, until the signal ends it. */
export async function* listen<Event>(
  path: string,
  body: unknown,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const post = { method: "POST", headers: STREAM, credentials: "same-origin", signal } as const;
  const address = new URL(path, window.location.origin);
  const response = await fetchInTime(new Request(address, { ...post, body: JSON.stringify(body) }));
  if (!response.ok || !response.body) {
    throw new ProblemError(problemFrom(response, await response.json().catch(() => null)));
  }
  yield* streamed(response.body, (text) => readEvents<Event>(text), signal);
}
