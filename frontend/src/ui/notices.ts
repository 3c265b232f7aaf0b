/** Short words about what has just been done, with a way to undo it. */
import { useSyncExternalStore } from "react";

export interface Notice {
  id: number;
  text: string;
  /** Undoes what was done. Rejects with what to say when that does not work. */
  undo?: () => Promise<unknown>;
  isTrouble?: boolean;
}

let notices: readonly Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function put(changed: readonly Notice[]) {
  notices = changed;
  for (const listener of listeners) listener();
}

/** At most three at once: older ones have been read, or never will be. */
export function notify(notice: Omit<Notice, "id">) {
  put([...notices.slice(-2), { ...notice, id: next++ }]);
}

export const dismissNotice = (id: number) => put(notices.filter((notice) => notice.id !== id));

/** Undoes the newest that can be undone. False when there is none. */
export function undoNewest(): boolean {
  const newest = notices.findLast((notice) => notice.undo);
  if (newest) void undoNotice(newest);
  return newest !== undefined;
}

export async function undoNotice({ id, undo }: Notice) {
  dismissNotice(id);
  try {
    await undo?.();
    notify({ text: "Undone." });
  } catch (error) {
    notify({ text: error instanceof Error ? error.message : String(error), isTrouble: true });
  }
}

export const useNotices = (): readonly Notice[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    () => notices,
  );
