/**
 * The colour of a value, everywhere the same: given out once by the value's raw key, never by the order of rows, and kept. Two
 * values of one dimension share a colour only when there are more of them than colours; in one chart they never do.
 */
import { HUES, type Hue } from "./plan";

export interface Kept {
  read: () => string | null;
  write: (text: string) => void;
}

type Slots = Record<string, Record<string, number>>;

/** A place to begin looking that depends on the name alone (FNV-1a). */
function hash(text: string): number {
  let held = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) held = Math.imul(held ^ text.charCodeAt(at), 0x01000193);
  return (held >>> 0) % HUES;
}

function read(kept: Kept): Slots {
  try {
    const held: unknown = JSON.parse(kept.read() ?? "{}");
    return typeof held === "object" && held !== null ? (held as Slots) : {};
  } catch {
    return {};
  }
}

const hueAt = (slot: number): Hue => ((slot % HUES) + 1) as Hue;

/** The next colour that the fewest have, from the one that the name asks for. */
function freest(from: number, taken: readonly number[]): number {
  const counts = Array.from({ length: HUES }, (_, slot) => taken.filter((each) => each === slot).length);
  const least = Math.min(...counts);
  for (let step = 0; step < HUES; step++) {
    const slot = (from + step) % HUES;
    if (counts[slot] === least) return slot;
  }
  return from;
}

export function createHues(kept: Kept) {
  const slots = read(kept);
  return (dimension: string, keys: string[]): ReadonlyMap<string, Hue> => {
    const known = slots[dimension] ?? {};
    slots[dimension] = known;
    const fresh = keys.filter((key) => !Number.isInteger(known[key])).sort();
    for (const key of fresh) known[key] = freest(hash(`${dimension}\n${key}`), Object.values(known));
    if (fresh.length > 0) kept.write(JSON.stringify(slots));
    const given: number[] = [];
    const hues = new Map<string, Hue>();
    for (const key of [...keys].sort()) {
      const own = known[key] ?? 0;
      const slot = given.includes(own) ? freest(own, given) : own;
      given.push(slot);
      hues.set(key, hueAt(slot));
    }
    return hues;
  };
}

const KEY = "assay.hues";

/** Kept in this browser; where nothing may be kept, for as long as the page lives. */
export const hueOf = createHues({
  read: () => {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  },
  write: (text) => {
    try {
      localStorage.setItem(KEY, text);
    } catch {
      // Then the colours last as long as the page.
    }
  },
});
