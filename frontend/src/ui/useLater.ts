import { startTransition, useEffect, useState } from "react";

/**
 * A value as it was a moment ago: what is drawn of it is drawn anew in pieces, after the page itself. Unlike `useDeferredValue` also
 * on the way back through the history, which React would draw in one piece.
 */
export function useLater<T>(value: T): T {
  const [held, setHeld] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => startTransition(() => setHeld(value)));
    return () => clearTimeout(timer);
  }, [value]);
  return held;
}
