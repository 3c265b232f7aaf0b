import { createListeners } from "./listeners";

/** Whether the server answered when it was last asked for anything: a refusal is an answer. And when it last told what was asked. */
let isReached = true;
let reachedAt: number | null = null;
const listeners = createListeners();

function become(reached: boolean) {
  if (reached === isReached) return;
  isReached = reached;
  listeners.tell();
}

export function noteReached(reached: boolean, isTold = false) {
  if (isTold) reachedAt = Date.now();
  become(reached);
}

/** What this browser has kept from before is shown: it was read by then (ms of this machine). */
export function noteFromBefore(at: number) {
  reachedAt = at;
  listeners.tell();
}

export const wasReached = (): boolean => isReached;

/** Null: this page has not reached the server yet, and shows nothing from before. */
export const lastReached = (): number | null => reachedAt;

export const onReach = listeners.add;
