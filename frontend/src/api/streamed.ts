/** A body that comes in pieces, read as it comes. */
import { ProblemError, unreachable } from "./problem";

/** What wholly stands in a text, and what is left of a part that has not wholly come yet. */
export interface Read<Part> {
  parts: Part[];
  rest: string;
}

/** What broke off by itself is the server's silence; what was given up is not. */
export const lost = (signal: AbortSignal) => (error: unknown) => {
  throw signal.aborted ? error : new ProblemError(unreachable());
};

/** Each part as soon as it has come; the last one is whole though nothing follows it. */
export async function* streamed<Part>(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  read: (text: string) => Read<Part>,
  signal: AbortSignal,
): AsyncGenerator<Part> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch(lost(signal));
    const found = read(done ? `${rest}\n\n` : rest + value);
    yield* found.parts;
    if (done) return;
    rest = found.rest;
  }
}
