/**
 * The colour of a value, everywhere the same: the workspace's file chooses it or the server gives it, once and for everybody, by the
 * value's raw key and never by the order of rows. Two values of one dimension share a colour only when there are more of them than
 * colours; in one chart they never do.
 */
import { HUES, type Hue } from "./plan";

/** What the server knows of one dimension: hues by value, and which of them a file has chosen. */
interface DimensionHues {
  dimension: string;
  hues: Record<string, number>;
  chosen: string[];
}

/** Values that a chart has met and that have no colour yet. */
export type Wanted = (dimension: string, values: string[]) => Promise<DimensionHues>;

/** A place to begin looking that depends on the name alone (FNV-1a). */
function hash(text: string): number {
  let held = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) held = Math.imul(held ^ text.charCodeAt(at), 0x01000193);
  return (held >>> 0) % HUES;
}

const hueAt = (slot: number): Hue => ((slot % HUES) + 1) as Hue;

/** The next colour that the fewest have, from the one that is asked for. */
function freest(from: number, taken: readonly number[]): number {
  const counts = Array.from({ length: HUES }, (_, slot) => taken.filter((each) => each === slot).length);
  const least = Math.min(...counts);
  for (let step = 0; step < HUES; step++) {
    const slot = (from + step) % HUES;
    if (counts[slot] === least) return slot;
  }
  return from;
}

/** So many values are asked for at once. */
const MOST_ASKED = 200;
/** Who could not tell is asked again, but not by every drawing. */
const AGAIN_MS = 30_000;

export function createHues(ask: Wanted, now: () => number = () => performance.now()) {
  const slots = new Map<string, Map<string, number>>();
  const chosen = new Map<string, Set<string>>();
  const wanted = new Map<string, Set<string>>();
  const asked = new Set<string>();
  const listeners = new Set<() => void>();
  let version = 0;
  let isTold = false;
  let isQueued = false;
  /** Since when nobody tells: then a colour stands in that this page alone has, so that lines can be told apart. */
  let failedAt: number | null = null;

  const move = () => {
    version += 1;
    for (const listener of listeners) listener();
  };

  function keep({ dimension, hues, chosen: named }: DimensionHues) {
    const held = slots.get(dimension) ?? new Map<string, number>();
    for (const [value, hue] of Object.entries(hues)) held.set(value, hue - 1);
    slots.set(dimension, held);
    chosen.set(dimension, new Set([...(chosen.get(dimension) ?? []), ...named]));
  }

  async function askFor(dimension: string, values: string[]) {
    for (const value of values) asked.add(`${dimension}\n${value}`);
    try {
      keep(await ask(dimension, values));
      failedAt = null;
    } catch {
      failedAt = now();
      for (const value of values) asked.delete(`${dimension}\n${value}`);
    }
    move();
  }

  function askNow() {
    isQueued = false;
    if (!isTold || (failedAt !== null && now() - failedAt < AGAIN_MS)) return;
    const due = [...wanted];
    wanted.clear();
    for (const [dimension, values] of due) {
      const fresh = [...values].filter((value) => !asked.has(`${dimension}\n${value}`));
      for (let at = 0; at < fresh.length; at += MOST_ASKED) {
        void askFor(dimension, fresh.slice(at, at + MOST_ASKED));
      }
    }
  }

  function want(dimension: string, value: string) {
    const held = wanted.get(dimension) ?? new Set();
    if (!isQueued) queueMicrotask(askNow);
    isQueued = true;
    wanted.set(dimension, held.add(value));
  }

  return {
    /** Where none is known yet it is asked for, and grey stands in until it is told. */
    hueOf(dimension: string, keys: string[]): ReadonlyMap<string, Hue> {
      const known = slots.get(dimension);
      const first = chosen.get(dimension);
      const rank = (key: string) => (first?.has(key) ? 0 : known?.has(key) ? 1 : 2);
      const inOrder = [...keys].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
      const given: number[] = [];
      const hues = new Map<string, Hue>();
      for (const key of inOrder) {
        const own = known?.get(key);
        if (own === undefined) want(dimension, key);
        if (own === undefined && failedAt === null) {
          hues.set(key, "others");
          continue;
        }
        const begin = own ?? hash(`${dimension}\n${key}`);
        const slot = given.includes(begin) ? freest(begin, given) : begin;
        given.push(slot);
        hues.set(key, hueAt(slot));
      }
      return hues;
    },
    /** All that the server knows; null where it could not tell. */
    take(colours: DimensionHues[] | null) {
      if (colours) {
        slots.clear();
        chosen.clear();
        asked.clear();
        for (const each of colours) keep(each);
      }
      isTold = true;
      failedAt = null;
      move();
      askNow();
    },
    /** Another session: what the last one was told is dropped. */
    forget() {
      slots.clear();
      chosen.clear();
      asked.clear();
      wanted.clear();
      isTold = false;
      move();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    version: () => version,
  };
}

export type Hues = ReturnType<typeof createHues>;
