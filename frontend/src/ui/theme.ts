import { useSyncExternalStore } from "react";

export type Theme = "system" | "light" | "dark";

const KEY = "assay.theme";
const listeners = new Set<() => void>();
const dark = () => window.matchMedia("(prefers-color-scheme: dark)");

function stored(): Theme {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

const isDark = () => {
  const theme = stored();
  return theme === "dark" || (theme === "system" && dark().matches);
};

function apply() {
  document.documentElement.dataset.theme = isDark() ? "dark" : "light";
  for (const listener of listeners) listener();
}

/** Applies the remembered theme, and follows the system while none is chosen. */
export function startTheme() {
  apply();
  dark().addEventListener("change", apply);
}

export function setTheme(theme: Theme) {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage may be forbidden; the theme then lasts as long as the page.
  }
  apply();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

export const useTheme = (): Theme => useSyncExternalStore(subscribe, stored);
export const useIsDark = (): boolean => useSyncExternalStore(subscribe, isDark);
