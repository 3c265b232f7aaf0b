import { type Query, type QueryClient, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from "react";
import { ANSWER } from "./answers";
import { askAgain, askAllAgain, askByTheClock } from "./askAgain";
import { onMissed } from "./begun";
import { forgetProgress, noteProgress } from "./comparing";
import { dependsOn } from "./dependencies";
import { forgetEarly } from "./early";
import { Gatherer } from "./Gatherer";
import { CONNECTING, type Connection, type Source } from "./LiveStream";
import { madeOld } from "./moved";
import { lastReached, onReach, wasReached } from "./reach";
import { type Channel, SharedStream, type Sharing } from "./SharedStream";
import { noteSees } from "./sees";
import { isSignInRequired, onSessionMoved } from "./session";
import type { Answer, Question, Routes, StreamMessage, Workspace } from "./types";

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

/** All is well, and the page knows of nothing else: each stream begins by saying so. */
function saysNothing(client: QueryClient, message: StreamMessage): boolean {
  if (message.kind !== "problems" || message.problems.length > 0) return false;
  const held = client.getQueryData<Routes>(["routes"]);
  return held?.problems.length === 0 && held.routes.every(({ pending }) => pending === null);
}

async function applyMessages(client: QueryClient, messages: StreamMessage[]) {
  forgetEarly();
  for (const message of messages) {
    if (message.kind === "parity") noteProgress(client, message);
    // It is also what a page is told that has fallen behind: what it knows of comparisons is old.
    if (message.kind === "catalog") forgetProgress(client);
    if (message.kind !== "problems") continue;
    client.setQueryData<Workspace>(["workspace"], (held) => held && { ...held, problems: message.problems });
  }
  const telling = messages.filter((message) => !saysNothing(client, message));
  const old = new Map(telling.flatMap(madeOld).map((key) => [key.join("\n"), key]));
  for (const queryKey of old.values()) void askAgain(client, { queryKey });
  const askAnswers = (wanted: (query: Query) => boolean) =>
    askAgain(client, { predicate: (query) => isAffected(query, messages) && wanted(query) });
  const figures = askAnswers(isFigure);
  await Promise.race([figures, new Promise((resolve) => setTimeout(resolve, FIGURES_FIRST_MS))]);
  await Promise.all([figures, askAnswers((query) => !isFigure(query))]);
}

/** While nothing is heard the page asks this often, each at a moment of its own. */
const ASK_MS = 12_000;
const ASK_SPREAD_MS = 6_000;

interface Live {
  stream: SharedStream;
  gatherer: Gatherer;
}

function askAfterGap(client: QueryClient) {
  forgetProgress(client);
  forgetEarly();
  void askAllAgain(client);
}

function createLive(client: QueryClient, open: (after: string | null) => Source): Live {
  const gatherer = new Gatherer((messages) => applyMessages(client, messages));
  const stream = new SharedStream({
    open,
    share,
    isHidden: () => document.hidden,
    onMessage: (message) => {
      if (message.kind === "hello") noteSees(message.sees);
      if (message.kind !== "heartbeat" && message.kind !== "hello") gatherer.take(message);
    },
    onGap: () => askAfterGap(client),
  });
  return { stream, gatherer };
}

const LiveContext = createContext<SharedStream | null>(null);

const openEventSource = (after: string | null): Source => {
  const address = after === null ? "/v1/stream" : `/v1/stream?after=${encodeURIComponent(after)}`;
  return new EventSource(address, { withCredentials: true }) as Source;
};

/** Locks are there over HTTPS and on this machine only. */
function share(): Sharing | null {
  if (!navigator.locks || typeof BroadcastChannel === "undefined") return null;
  return { channel: new BroadcastChannel("assay-live") as Channel, locks: navigator.locks };
}

export function LiveProvider({
  children,
  open = openEventSource,
}: {
  children: ReactNode;
  open?: (after: string | null) => Source;
}) {
  const client = useQueryClient();
  const [{ stream, gatherer }] = useState(() => createLive(client, open));
  useEffect(() => {
    const look = () => {
      gatherer.hold(document.hidden);
      if (document.hidden) stream.hide();
      else stream.wake();
    };
    gatherer.hold(document.hidden);
    stream.start();
    const stopAsking = askWhileDeaf(stream, client);
    const stopHearing = onSessionMoved(stream.restart);
    const stopMissing = onMissed(() => askAfterGap(client));
    window.addEventListener("online", stream.wake);
    document.addEventListener("visibilitychange", look);
    return () => {
      window.removeEventListener("online", stream.wake);
      document.removeEventListener("visibilitychange", look);
      stopHearing();
      stopMissing();
      stopAsking();
      stream.stop();
    };
  }, [stream, gatherer, client]);
  return <LiveContext value={stream}>{children}</LiveContext>;
}

const OFFLINE: Connection = { state: "offline", retryAt: null };
/** One object for each, as it is compared by whoever watches. */
const offlineUntil = new WeakMap<Connection, Connection>();

/** A stream that speaks is not enough: a page that gets no answers is not live, and one that shows what was kept is offline. */
function connectionOf(stream: SharedStream): Connection {
  const connection = stream.snapshot();
  if (wasReached()) return connection;
  if (connection.state === "live") return OFFLINE;
  if (lastReached() === null) return connection;
  const offline = offlineUntil.get(connection) ?? { ...connection, state: "offline" };
  offlineUntil.set(connection, offline);
  return offline;
}

function watch(stream: SharedStream, listener: () => void): () => void {
  const stops = [stream.subscribe(listener), onReach(listener)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Asks by the clock while nothing is heard, and at once when that is found out. */
function askWhileDeaf(stream: SharedStream, client: QueryClient): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wasSilent = false;
  const ask = () => {
    if (!document.hidden && !isSignInRequired()) void askByTheClock(client);
  };
  const plan = () => {
    timer = setTimeout(
      () => {
        ask();
        plan();
      },
      ASK_MS + Math.random() * ASK_SPREAD_MS,
    );
  };
  const follow = () => {
    const { state } = connectionOf(stream);
    if (state === "live") {
      clearTimeout(timer);
      timer = undefined;
    } else if (timer === undefined) plan();
    if (state === "silent" && !wasSilent) ask();
    wasSilent = state === "silent";
  };
  const stop = watch(stream, follow);
  const onShown = () => {
    if (connectionOf(stream).state !== "live") ask();
  };
  document.addEventListener("visibilitychange", onShown);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", onShown);
    stop();
    clearTimeout(timer);
  };
}

const doNothing = () => {};

export function useConnection(): Connection {
  const stream = useContext(LiveContext);
  const subscribe = useCallback(
    (listener: () => void) => (stream ? watch(stream, listener) : doNothing),
    [stream],
  );
  return useSyncExternalStore(subscribe, () => (stream ? connectionOf(stream) : CONNECTING));
}

export function useReconnect(): () => void {
  const stream = useContext(LiveContext);
  return stream?.retryNow ?? doNothing;
}
