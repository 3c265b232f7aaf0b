/** The parts of a change as bars that follow each other: each begins where the one before ended, the first at 0. */
import { numberOf, type Value } from "@/format/numbers";

interface Bar {
  /** Where it begins and how wide it is, in percent of the room. */
  left: number;
  width: number;
}

export interface Waterfall {
  bars: Bar[];
  /** The whole change, from 0. */
  whole: Bar;
  /** Where 0 is. */
  zero: number;
}

const LEAST_WIDTH = 0.4;

/** The room reaches from the lowest to the highest that is reached on the way, 0 among them. */
export function waterfallOf(amounts: Value[], change: Value): Waterfall {
  const parts = amounts.map((amount) => numberOf(amount) ?? 0);
  const ends: number[] = [];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part);
  const whole = numberOf(change) ?? 0;
  const low = Math.min(0, whole, ...ends);
  const room = Math.max(0, whole, ...ends) - low || 1;
  const bar = (from: number, to: number): Bar => ({
    left: ((Math.min(from, to) - low) / room) * 100,
    width: Math.max(LEAST_WIDTH, (Math.abs(to - from) / room) * 100),
  });
  return {
    bars: ends.map((end, at) => bar(ends[at - 1] ?? 0, end)),
    whole: bar(0, whole),
    zero: (-low / room) * 100,
  };
}
