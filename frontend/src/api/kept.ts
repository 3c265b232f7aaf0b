/**
 * The session's last good answers, kept in this browser for walking about while the server is away. They belong to one person's
 * session: `session.ts` empties them when it ends in any way, and when they see something else. They are shown only where the server does not answer at all, as
 * what they are: last good values of then. Rows behind numbers, customers and recommendations are not kept.
 */
import type { Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { ANSWER } from "./answers";
import { askAllAgain } from "./askAgain";
import { KEPT_MS } from "./queryClient";
import { noteFromBefore, onReach, wasReached } from "./reach";
import {
  isSignInRequired,
  KEPT_PREFIX,
  onForgotten,
  onSessionLost,
  onSessionMoved,
  readSession,
  SESSION,
} from "./session";
import type { Session } from "./types";

const KINDS = new Set([
  ANSWER,
  "session",
  "workspace",
  "dashboards",
  "dashboard",
  "metrics",
  "routes",
  "colours",
  "dictionary",
]);
/** What changes every second is written this often. */
const WRITE_MS = 3_000;
const MOST = 400;

interface Held {
  key: QueryKey;
  data: unknown;
  at: number;
}

const isKept = ({ queryKey, state }: Query) =>
  KINDS.has(String(queryKey[0])) && state.status === "success" && state.data !== undefined;

/**
 * A name of its own for each person and for what they see: what one kept is never another's, nor theirs once they see less. Null:
 * nobody is signed in who has to be.
 */
const nameOf = ({ who, sees, asks_for_sign_in }: Session): string | null =>
  who || !asks_for_sign_in ? `${KEPT_PREFIX}${who?.kind ?? "anybody"} ${who?.id ?? ""} ${sees}` : null;

const addressOf = (query: Query) => `/kept/${encodeURIComponent(query.queryHash)}`;

/** Keeps what comes from now on, for as long as the session lasts. */
export function keepAnswers(client: QueryClient): () => void {
  let name: string | null = null;
  // What was shown from before is not of this moment, and perhaps not of this person.
  let since = performance.timeOrigin;
  let session = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = new Set<Query>();

  /** By what this page was told as it opened; once a session was lost, or where nobody was there, by what the server says now. */
  async function ownName(): Promise<string | null> {
    const state = client.getQueryState<Session>(SESSION);
    const isOfNow = session === 0 && (state?.dataUpdatedAt ?? 0) >= since;
    const told = isOfNow && state?.data ? nameOf(state.data) : null;
    return told ?? nameOf(await readSession());
  }

  async function begin() {
    const mine = session;
    const own = await ownName().catch(() => null);
    if (own === null || mine !== session) return;
    for (const other of await caches.keys())
      if (other.startsWith(KEPT_PREFIX) && other !== own) await caches.delete(other);
    if (mine !== session) return;
    name = own;
    for (const query of client.getQueryCache().getAll()) note(query);
  }

  function note(query: Query) {
    if (name === null || !isKept(query) || query.state.dataUpdatedAt < since) return;
    changed.add(query);
    timer ??= setTimeout(() => void write(), WRITE_MS);
  }

  async function write() {
    timer = undefined;
    if (name === null) return;
    const mine = session;
    const own = name;
    const cache = await caches.open(own);
    const queries = [...changed];
    changed.clear();
    for (const query of queries.filter(isKept)) {
      const held: Held = { key: query.queryKey, data: query.state.data, at: query.state.dataUpdatedAt };
      if (mine === session) await cache.put(addressOf(query), Response.json(held)).catch(() => {});
    }
    // The session has ended meanwhile, and the cache was perhaps opened anew after it had been deleted.
    if (mine !== session) {
      await caches.delete(own);
      return;
    }
    const addresses = await cache.keys();
    for (const address of addresses.slice(0, Math.max(0, addresses.length - MOST)))
      await cache.delete(address);
  }

  const stops = [
    onSessionLost(() => {
      session += 1;
      since = Date.now();
      name = null;
      changed.clear();
    }),
    onSessionMoved(() => void begin()),
    onForgotten(() => void begin()),
    onReach(() => {
      if (wasReached() && name === null) void begin();
    }),
    client.getQueryCache().subscribe(({ type, query }) => {
      if (type === "updated") note(query);
    }),
  ];
  void begin();
  return () => {
    for (const stop of stops) stop();
    clearTimeout(timer);
  };
}

async function readKept(): Promise<{ name: string; held: Held[] } | null> {
  const name = (await caches.keys()).find((each) => each.startsWith(KEPT_PREFIX));
  if (name === undefined) return null;
  const cache = await caches.open(name);
  const texts = await Promise.all((await cache.keys()).map((address) => cache.match(address)));
  const all = await Promise.all(texts.map(async (each) => (await each?.json()) as Held | undefined));
  const held = all.filter((each) => each !== undefined && Date.now() - each.at < KEPT_MS) as Held[];
  return { name, held };
}

/**
 * The server does not answer, and this page has heard nothing from it yet: what was kept is put in its place. As soon as the
 * server answers all of it is asked again, by whoever is there then.
 */
export async function showKept(client: QueryClient): Promise<void> {
  const found = await readKept();
  if (!found || found.held.length === 0 || isSignInRequired() || wasReached()) return;
  const shown = found.held.filter(({ key }) => client.getQueryData(key) === undefined);
  for (const { key, data, at } of shown) client.setQueryData(key, data, { updatedAt: at });
  const numbers = shown.filter(({ key }) => key[0] === ANSWER);
  // One moment is said of all of them: no number that is shown is older.
  const times = (numbers.length > 0 ? numbers : shown).map(({ at }) => at);
  if (times.length > 0) noteFromBefore(Math.min(...times));
  // What is looked at fails once more, and says beside its number why it is old.
  void askAllAgain(client);
  const stop = onReach(() => {
    if (!wasReached()) return;
    stop();
    void comeBack(client, found.name);
  });
}

async function comeBack(client: QueryClient, name: string) {
  const now = await readSession().then(nameOf, () => undefined);
  // Another person's: nothing that was shown may stay.
  if (now !== undefined && now !== null && now !== name) return window.location.reload();
  await askAllAgain(client);
}
