import { useEffect, useRef, useState } from "react";
import { numberOf, type Value } from "@/format/numbers";

/** How long the screen says that a figure has just moved. */
const SAID_MS = 8_000;

export interface Moved {
  from: Value;
  to: Value;
  /** Rises with every move, so that the same step twice is shown twice. */
  times: number;
}

/**
 * The last move of a value that is being watched, for a few seconds. `what` says what it is a value of: when that
 * changes another number is shown, and nothing has moved.
 */
export function useMoved(value: Value, what: string): Moved | null {
  const held = useRef({ value, what, times: 0 });
  const [moved, setMoved] = useState<Moved | null>(null);
  useEffect(() => {
    const before = held.current;
    const isSame = before.what === what;
    const hasMoved =
      isSame && numberOf(before.value) !== null && numberOf(value) !== null && before.value !== value;
    held.current = { value, what, times: before.times + (hasMoved ? 1 : 0) };
    if (hasMoved) setMoved({ from: before.value, to: value, times: before.times + 1 });
    else if (!isSame) setMoved(null);
  }, [value, what]);
  useEffect(() => {
    if (!moved) return;
    const timer = setTimeout(() => setMoved(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [moved]);
  return moved;
}
