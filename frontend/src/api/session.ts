import { type Query, type QueryClient, useQuery } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { api, doFirst, told } from "./client";
import { forgetEarly } from "./early";
import { isLeaving, setLeaving } from "./leaving";
import { createListeners } from "./listeners";
import { NEEDS } from "./needs";
import { ProblemError } from "./problem";
import { forgetSees, onSees } from "./sees";
import type {
  Credentials,
  FactorBegun,
  FactorEnd,
  FactorIn,
  PasswordChange,
  PasswordLink,
  Session,
} from "./types";

/**
 * `leaving`: somebody is signing out. `ended`: the server asks who is there. `moved`: somebody has signed in or out. Every tab of a
 * browser has one session.
 */
type SessionNews = "leaving" | "ended" | "moved";

let signInRequired = isLeaving();
const listeners = createListeners();
const moved = createListeners();
const left = createListeners();
const lost = createListeners();
const forgotten = createListeners();
const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("assay-session");

/** What this browser keeps of a session for walking about offline (kept.ts) goes with the session. */
export const KEPT_PREFIX = "assay-kept ";

/** Empties it, whoever's it was. Every way out of a session comes through here, also where nothing was ever kept. */
async function forget() {
  forgetEarly();
  lost.tell();
  if (typeof caches === "undefined") return;
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(KEPT_PREFIX)).map((name) => caches.delete(name)));
}

/** Called as soon as what was told to this tab's session may no longer be kept. */
export const onSessionLost = lost.add;

function become(required: boolean) {
  if (required) void forget();
  if (required === signInRequired) return;
  signInRequired = required;
  listeners.tell();
}

const tellOthers = (news: SessionNews) => channel?.postMessage(news);

/** A request was refused for want of a session. The other tabs have none either. */
export function requireSignIn() {
  if (!signInRequired) tellOthers("ended");
  become(true);
}

export const isSignInRequired = (): boolean => signInRequired;

export const useSignInRequired = (): boolean => useSyncExternalStore(listeners.add, isSignInRequired);

/** Called when this tab's session is another than before. */
export const onSessionMoved = moved.add;

/** Called when what was kept is emptied and the session goes on. */
export const onForgotten = forgotten.add;

/** Something was refused that may have been seen before: nothing that was kept may outlive it. */
export async function forgetKept() {
  await forget();
  if (!isLeaving() && !signInRequired) forgotten.tell();
}

const FRAMES = new Set(["workspace", "dashboard", "dashboards", "metrics"]);
const isFrame = (query: Query) => FRAMES.has(String(query.queryKey[0]));
const AGAIN_MS = 2_000;
const ATTEMPTS = 10;
const LEAVE_AGAIN_MS = 5_000;

/**
 * What the last session was told is dropped. The frames of the page alone stand until they were read by the new one, which the
 * sign-in waits for, and lies over: so what was typed into them is kept. A frame that is refused, or is not to be had for a
 * while, goes too.
 */
async function beginAnew(client: QueryClient) {
  void forget();
  forgetSees();
  moved.tell();
  await client.cancelQueries();
  client.removeQueries({ type: "inactive" });
  await client.invalidateQueries({ predicate: isFrame });
  // Nobody sees the frames while the sign-in lies over them: one that nobody answered for is asked again.
  for (let attempt = 1; signInRequired && attempt < ATTEMPTS; attempt++) {
    if (!client.getQueryCache().findAll({ predicate: isUnanswered }).some(isFrame)) break;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    await client.invalidateQueries({ predicate: (query) => isFrame(query) && isUnanswered(query) });
  }
  const isLost = (query: Query) => !isFrame(query) || query.state.status === "error";
  const figures = client.resetQueries({ predicate: isLost });
  become(client.getQueryCache().findAll({ predicate: isFrame }).some(isRefused));
  await figures;
}

const statusOf = ({ state: { error } }: Query): number | null =>
  error instanceof ProblemError ? error.problem.status : null;

const isRefused = (query: Query) => statusOf(query) === 401;

/** Neither given nor refused: the server, or its store, was away. */
const isUnanswered = (query: Query) => statusOf(query) === 0 || (statusOf(query) ?? 0) >= 500;

/** Who asks and what they may do, or in which ways one can sign in. */
export const readSession = (init: { signal?: AbortSignal } = {}): Promise<Session> =>
  told(api.GET("/v1/session", init));

export const SESSION = ["session"];

export const useSession = () =>
  useQuery({ queryKey: SESSION, queryFn: ({ signal }) => readSession({ signal }) });

/**
 * Whether whoever asks may do this, by the server's own table. The page does not offer what it would refuse; until it is known, it
 * offers all.
 */
export function useMay(operation: keyof typeof NEEDS): boolean {
  const who = useSession().data?.who;
  return !who || who.needs.includes(NEEDS[operation]);
}

/** Under whose name things are done here: whoever has signed in. Null where nobody does, and a name of one's own may be written. */
export function useSignedIn(): string | null {
  const who = useSession().data?.who;
  return !who || who.kind === "local" ? null : who.name;
}

/** The token, or a password, becomes an HttpOnly cookie: the page itself keeps nothing. */
export async function signIn(client: QueryClient, body: Credentials) {
  await told(api.POST("/v1/session", { body }));
  tellOthers("moved");
  await beginAnew(client);
}

/** Where a provider of identity asks who somebody is; it sends the browser back to this place of the page. */
export const goToProvider = async (name: string, place: string) => {
  const { go_to } = await told(
    api.POST("/v1/oidc/{provider}", { params: { path: { provider: name } }, body: { to: place } }),
  );
  window.location.assign(go_to);
};

/** For whom a link is with which a password is chosen. */
export const readLink = (token: string): Promise<PasswordLink> =>
  told(api.POST("/v1/link", { body: { token } }));

/** Chooses a password with a link, and is signed in by it. */
export async function choosePassword(client: QueryClient, token: string, password: string) {
  await told(api.POST("/v1/link/password", { body: { token, password } }));
  client.removeQueries({ queryKey: ["link"] });
  tellOthers("moved");
  await beginAnew(client);
}

/** Chooses another password; every other session ends, and this browser's goes on under another id. */
export async function changePassword(client: QueryClient, body: PasswordChange) {
  await told(api.POST("/v1/me/password", { body }));
  tellOthers("moved");
  await beginAnew(client);
}

/** A secret for a second factor. */
export const beginFactor = (): Promise<FactorBegun> => told(api.POST("/v1/me/factor/new"));

/** From now on signing in takes a code; what comes back signs in once each in its place. */
export async function setFactor(client: QueryClient, body: FactorIn): Promise<string[]> {
  const { recovery_codes } = await told(api.PUT("/v1/me/factor", { body }));
  await client.invalidateQueries({ queryKey: SESSION });
  return recovery_codes;
}

export async function removeFactor(client: QueryClient, body: FactorEnd) {
  await told(api.POST("/v1/me/factor/remove", { body }));
  await client.invalidateQueries({ queryKey: SESSION });
}

let ending: Promise<string | null> | null = null;

/** Ends the session that this browser has, once for all that wait for it. Tells where it goes on to end the provider's. */
function leave(): Promise<string | null> {
  ending ??= end().finally(() => {
    ending = null;
  });
  return ending;
}

async function end() {
  const { go_to } = await told(api.DELETE("/v1/session"));
  setLeaving(false);
  tellOthers("moved");
  forgetEarly();
  left.tell();
  return go_to;
}

const isEnd = ({ method, url }: Request) => method === "DELETE" && new URL(url).pathname === "/v1/session";

// A sign-out that the server has not heard comes before whatever is asked of it.
doFirst(async (request) => {
  if (isLeaving() && !isEnd(request)) await leave();
});

export async function signOut(client: QueryClient) {
  setLeaving(true);
  // Before anything is emptied: what another tab writes afterwards would stay.
  tellOthers("leaving");
  await forget();
  let goTo: string | null;
  try {
    goTo = await leave();
  } catch (error) {
    // The server is away, and has not ended it: the page is covered until it has.
    requireSignIn();
    throw error;
  }
  void forget();
  if (goTo !== null) return window.location.assign(goTo);
  moved.tell();
  // Where a token is wanted this is refused, and the page asks for it.
  await client.resetQueries();
}

/** Follows what other tabs do with the session. */
export function followSession(client: QueryClient): () => void {
  const hear = ({ data }: MessageEvent<SessionNews>) => {
    if (data === "leaving") void forget();
    else if (data === "ended") become(true);
    else void beginAnew(client);
  };
  // Ended at last, after the page was covered: whether anybody has to sign in, the server says.
  const anew = () => {
    if (signInRequired) void beginAnew(client);
  };
  const again = setInterval(() => {
    if (isLeaving()) void leave().catch(() => {});
  }, LEAVE_AGAIN_MS);
  // Other rows, or fewer, by other policies: all that was told is of before. The other tabs show it too.
  const stopSeeing = onSees(() => {
    tellOthers("moved");
    void beginAnew(client);
  });
  const stopWaiting = left.add(anew);
  channel?.addEventListener("message", hear);
  return () => {
    clearInterval(again);
    stopWaiting();
    stopSeeing();
    channel?.removeEventListener("message", hear);
  };
}
