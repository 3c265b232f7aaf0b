import { useSyncExternalStore } from "react";

const KEY = "assay.operator";
const UNNAMED = "operator";
export const LONGEST_NAME = 60;
const listeners = new Set<() => void>();

function read(): string {
  try {
    return localStorage.getItem(KEY)?.trim().slice(0, LONGEST_NAME) || UNNAMED;
  } catch {
    return UNNAMED;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** The name that this browser writes under its decisions. It is a signature, not a sign-in. */
export const useOperator = (): string => useSyncExternalStore(subscribe, read);

export function setOperator(name: string) {
  try {
    localStorage.setItem(KEY, name.trim());
  } catch {
    // Where nothing may be kept, the name stays what it is.
  }
  for (const listener of listeners) listener();
}
