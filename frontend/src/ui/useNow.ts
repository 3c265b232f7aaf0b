import { useSyncExternalStore } from "react";

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (!timer) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const each of listeners) each();
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** What a clock says, as it is written: drawn again when that changes, not every second. */
export function useClock(written: (now: number) => string): string {
  return useSyncExternalStore(subscribe, () => written(now));
}

/** The time of this machine in ms, one clock for the whole page, ticking once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
