import { useSyncExternalStore } from "react";

const KEY = "assay.name";
export const LONGEST_NAME = 60;
const listeners = new Set<() => void>();

function read(): string {
  try {
    return localStorage.getItem(KEY)?.trim().slice(0, LONGEST_NAME) ?? "";
  } catch {
    return "";
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** The name that this browser writes under decisions and changes; "" where none was given. It is a signature, not a sign-in. */
export const useYourName = (): string => useSyncExternalStore(subscribe, read);

/** As what a decision is made where no name was given. */
export const UNNAMED = "operator";

export const knownName = (): string | undefined => read() || undefined;

export function setYourName(name: string) {
  try {
    localStorage.setItem(KEY, name.trim());
  } catch {
    // Where nothing may be kept, the name stays what it is.
  }
  for (const listener of listeners) listener();
}
