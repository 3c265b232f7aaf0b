/** A body that comes in pieces, read as it comes. */
import { ProblemError, unanswered, unreachable } from "./problem";
import { noteReached } from "./reach";

/** The longest silence between two pieces: longer than a statement, a comparison's grain or a model may take. */
const SILENCE_SECONDS = 150;

/** What wholly stands in a text, and what is left of a part that has not wholly come yet. */
export interface Read<Part> {
  parts: Part[];
  rest: string;
}

/** What broke off by itself is the server's silence; what was given up is not. */
const lost = (signal: AbortSignal) => (error: unknown) => {
  if (signal.aborted) throw error;
  noteReached(false);
  throw error instanceof ProblemError ? error : new ProblemError(unreachable());
};

/** The next piece, or the sentence that none came. */
async function readInTime<T>(reader: ReadableStreamDefaultReader<T>, seconds: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ProblemError(unanswered(seconds))), seconds * 1000);
  });
  try {
    return await Promise.race([reader.read(), silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** Each part as soon as it has come; the last one is whole though nothing follows it. */
export async function* streamed<Part>(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  read: (text: string) => Read<Part>,
  signal: AbortSignal,
  silenceSeconds = SILENCE_SECONDS,
): AsyncGenerator<Part> {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await readInTime(reader, silenceSeconds).catch(lost(signal));
      const found = read(done ? `${rest}\n\n` : rest + value);
      yield* found.parts;
      if (done) return;
      rest = found.rest;
    }
  } finally {
    // Whoever stops reading lets the connection go: a browser has six of them to one server.
    void reader.cancel().catch(() => {});
  }
}
