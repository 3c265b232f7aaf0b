import { useCallback, useState } from "react";

const KEY = "assay.name";

function stored(): string {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

export function rememberName(name: string) {
  try {
    localStorage.setItem(KEY, name.trim());
  } catch {
    // Storage may be forbidden; the name is then asked for again.
  }
}

/** The name that changes are recorded under, as it was given on this machine. */
export const knownName = (): string | undefined => stored() || undefined;

export function useYourName(): [string, (name: string) => void] {
  const [name, setName] = useState(stored);
  const change = useCallback((next: string) => {
    setName(next);
    rememberName(next);
  }, []);
  return [name, change];
}
