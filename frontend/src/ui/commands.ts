import { useEffect, useSyncExternalStore } from "react";

/** Something the reader can do from the command palette. A page offers its own while it is shown. */
export interface Command {
  id: string;
  group: string;
  label: string;
  words?: string;
  run: () => void;
}

let offered: readonly (readonly Command[])[] = [];
const listeners = new Set<() => void>();

function replace(next: readonly (readonly Command[])[]) {
  offered = next;
  for (const listener of listeners) listener();
}

/** Offers the commands for as long as the calling component is mounted. Memoize the list. */
export function useOfferCommands(commands: readonly Command[]) {
  useEffect(() => {
    replace([...offered, commands]);
    return () => replace(offered.filter((each) => each !== commands));
  }, [commands]);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

export function useCommands(): Command[] {
  return useSyncExternalStore(subscribe, () => offered).flat();
}
