import createClient from "openapi-fetch";
import { isHearing, noteTold, TOLD } from "./begun";
import { takeEarly } from "./early";
import { ProblemError, problemFrom, unanswered, unreachable } from "./problem";
import { noteReached } from "./reach";
import type { paths } from "./schema";
import { noteSees, SEES } from "./sees";

/** The server ends an answer after 30 s; who hears nothing for longer is not being answered. */
const READING_SECONDS = 40;
/** A write may wait for a comparison, or for a model. */
const WRITING_SECONDS = 150;
const READS_BY_POST = /\/(data|rows)$/;
const WITHOUT_BODY = new Set([204, 205, 304]);

function patience({ method, url }: Request): number {
  const isReading = method === "GET" || READS_BY_POST.test(new URL(url).pathname);
  return isReading ? READING_SECONDS : WRITING_SECONDS;
}

/** What comes in pieces is timed by whoever reads the pieces: here only its beginning is. */
const isStreamed = (request: Request) => /ndjson|event-stream/.test(request.headers.get("accept") ?? "");

/** What others have begun is waited for no longer than one's own. */
function unless<T>(signal: AbortSignal, begun: Promise<T>): Promise<T> {
  const left = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([begun, left]);
}

let first: (request: Request) => Promise<void> = async () => {};

/** What has to be done before anything is asked; where it fails nothing is. */
export function doFirst(work: (request: Request) => Promise<void>) {
  first = work;
}

/**
 * A request with a deadline, until its last byte. Who gives up gets their own reason; silence and a lost connection are told as
 * what they are.
 */
export async function fetchInTime(request: Request): Promise<Response> {
  await first(request);
  const seconds = patience(request);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), seconds * 1000);
  try {
    const signal = AbortSignal.any([request.signal, deadline.signal]);
    const wasHearing = isHearing();
    const early = await unless(signal, takeEarly(request));
    signal.throwIfAborted();
    const response = early ?? (await globalThis.fetch(new Request(request, { signal })));
    noteReached(true, response.ok);
    noteSees(response.headers.get(SEES));
    noteTold(response.headers.get(TOLD), wasHearing && early === undefined);
    if (isStreamed(request) || WITHOUT_BODY.has(response.status)) return response;
    return new Response(await response.arrayBuffer(), response);
  } catch (error) {
    if (request.signal.aborted) throw error;
    noteReached(false);
    throw new ProblemError(deadline.signal.aborted ? unanswered(seconds) : unreachable());
  } finally {
    clearTimeout(timer);
  }
}

/** The server's endpoints, typed by its own description. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: fetchInTime,
});

interface Told<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call. Throws ProblemError for every refusal, also when nobody answers. */
export async function told<T>(call: Promise<Told<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(problemFrom(response, error));
  return data as T;
}
