/** Where a widget is made or edited by words. Any part of the page opens it; the app shows it. */
import { useSyncExternalStore } from "react";
import type { Tile } from "@/api/types";

export interface WordsRequest {
  /** Read at once when given. */
  words?: string;
  /** A session to go on with: the page was reloaded while it asked. */
  sessionId?: string;
  /** The tile that is edited; null where a widget is added. */
  editing?: { dashboardId: string; tile: Tile };
}

let request: WordsRequest | null = null;
const listeners = new Set<() => void>();

function put(next: WordsRequest | null) {
  request = next;
  for (const listener of listeners) listener();
}

export const openWords = (asked: WordsRequest = {}) => put(asked);
export const closeWords = () => put(null);

export const useWordsRequest = (): WordsRequest | null =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => request,
  );

let arrived: string | null = null;
const waiting = new Set<() => void>();

/** A tile that has just been set or changed: the dashboard shows it and gives it focus. Null once that is done. */
export function announceArrival(tileId: string | null) {
  arrived = tileId;
  for (const listener of waiting) listener();
}

export const useArrival = (): string | null =>
  useSyncExternalStore(
    (listener) => {
      waiting.add(listener);
      return () => {
        waiting.delete(listener);
      };
    },
    () => arrived,
  );
