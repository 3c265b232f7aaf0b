import { type RefObject, useEffect, useRef } from "react";

/**
 * For a sheet beside the page: focus goes into it when the reader opens it, and back where it came from when it
 * closes. `home` finds that place again when the element that had focus is gone (a menu item, say).
 */
export function useReturnFocus(sheet: RefObject<HTMLElement | null>, home: () => HTMLElement | null) {
  const findHome = useRef(home);
  findHome.current = home;
  useEffect(() => {
    const before = document.activeElement;
    // A page that opens with its sheet already there leaves focus alone.
    const wasAsked = before instanceof HTMLElement && before !== document.body;
    if (wasAsked) sheet.current?.focus({ preventScroll: true });
    return () => {
      const target =
        findHome.current() ?? (before instanceof HTMLElement && before.isConnected ? before : null);
      target?.focus({ preventScroll: true });
    };
  }, [sheet]);
}
