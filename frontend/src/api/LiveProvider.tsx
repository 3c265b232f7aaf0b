import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { ANSWER } from "./answers";
import { askAgain } from "./askAgain";
import { forgetProgress, noteProgress } from "./comparing";
import { dependsOn } from "./dependencies";
import { Gatherer } from "./Gatherer";
import { type Connection, LiveStream, type Source } from "./LiveStream";
import { madeOld } from "./moved";
import type { Answer, Question, StreamMessage, Workspace } from "./types";

/** Single figures are asked before lists and charts, but not waited for longer than this. */
const FIGURES_FIRST_MS = 250;

const isFigure = (query: Query) => {
  const { dimensions, grain } = query.queryKey[1] as Question;
  return !dimensions?.length && !grain;
};

function isAffected(query: Query, messages: StreamMessage[]): boolean {
  if (query.queryKey[0] !== ANSWER) return false;
  const question = query.queryKey[1] as Question;
  const answer = query.state.data as Answer | undefined;
  const held = { question, answer, failed: query.state.status === "error" };
  return messages.some((message) => dependsOn(held, message));
}

async function applyMessages(client: QueryClient, messages: StreamMessage[]) {
  for (const message of messages) {
    if (message.kind === "parity") noteProgress(client, message);
    // It is also what a page is told that has fallen behind: what it knows of comparisons is old.
    if (message.kind === "catalog") forgetProgress(client);
    if (message.kind !== "problems") continue;
    client.setQueryData<Workspace>(["workspace"], (held) => held && { ...held, problems: message.problems });
  }
  const old = new Map(messages.flatMap(madeOld).map((key) => [key.join("\n"), key]));
  for (const queryKey of old.values()) void askAgain(client, { queryKey });
  const askAnswers = (wanted: (query: Query) => boolean) =>
    askAgain(client, { predicate: (query) => isAffected(query, messages) && wanted(query) });
  const figures = askAnswers(isFigure);
  await Promise.race([figures, new Promise((resolve) => setTimeout(resolve, FIGURES_FIRST_MS))]);
  await Promise.all([figures, askAnswers((query) => !isFigure(query))]);
}

function createStream(client: QueryClient, open: (after: string | null) => Source): LiveStream {
  const gatherer = new Gatherer((messages) => applyMessages(client, messages));
  return new LiveStream({
    open,
    onMessage: (message) => {
      if (message.kind === "heartbeat" || message.kind === "hello") return;
      gatherer.take(message);
    },
    onReturn: () => {
      forgetProgress(client);
      void askAgain(client, { predicate: (query) => query.queryKey[0] !== "receipt" });
    },
  });
}

const LiveContext = createContext<LiveStream | null>(null);

const openEventSource = (after: string | null): Source => {
  const address = after === null ? "/v1/stream" : `/v1/stream?after=${encodeURIComponent(after)}`;
  return new EventSource(address, { withCredentials: true }) as Source;
};

export function LiveProvider({
  children,
  open = openEventSource,
}: {
  children: ReactNode;
  open?: (after: string | null) => Source;
}) {
  const client = useQueryClient();
  const [stream] = useState(() => createStream(client, open));
  useEffect(() => {
    stream.start();
    window.addEventListener("online", stream.retryNow);
    return () => {
      window.removeEventListener("online", stream.retryNow);
      stream.stop();
    };
  }, [stream]);
  return <LiveContext value={stream}>{children}</LiveContext>;
}

const NEVER: Connection = { state: "connecting", retryAt: null };
const doNothing = () => {};
const noSubscription = () => doNothing;
const never = () => NEVER;

export function useConnection(): Connection {
  const stream = useContext(LiveContext);
  return useSyncExternalStore(stream?.subscribe ?? noSubscription, stream?.snapshot ?? never);
}

export function useReconnect(): () => void {
  const stream = useContext(LiveContext);
  return stream?.retryNow ?? doNothing;
}
