import { useEffect, useRef, useState } from "react";
import { numberOf, type Value } from "@/format/numbers";

/** How long the screen says that a figure has moved. */
const SAID_MS = 60_000;

export interface Moved {
  from: Value;
  to: Value;
  /** Rises with every move, so that the same step twice is shown twice. */
  times: number;
  at: string;
}

/**
 * The last move of a value that is being watched, for a minute, or as long as somebody looks. `what` says what it is a value of: when that
 * changes another number is shown, and nothing has moved.
 */
export function useMoved(value: Value, what: string, isHeld = false): Moved | null {
  const held = useRef({ value, what, times: 0 });
  const [moved, setMoved] = useState<Moved | null>(null);
  useEffect(() => {
    const before = held.current;
    const isSame = before.what === what;
    const hasMoved =
      isSame && numberOf(before.value) !== null && numberOf(value) !== null && before.value !== value;
    held.current = { value, what, times: before.times + (hasMoved ? 1 : 0) };
    if (hasMoved) {
      setMoved({ from: before.value, to: value, times: before.times + 1, at: new Date().toISOString() });
    } else if (!isSame) setMoved(null);
  }, [value, what]);
  useEffect(() => {
    if (!moved || isHeld) return;
    const left = Math.max(0, SAID_MS - (Date.now() - Date.parse(moved.at)));
    const timer = setTimeout(() => setMoved(null), left);
    return () => clearTimeout(timer);
  }, [moved, isHeld]);
  return moved;
}
