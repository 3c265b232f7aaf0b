/** An axis with round steps. The steps are coarse, so that the same tile has the same axis minutes later. */

import { currencyOf, fixed, shortText } from "@/format/numbers";
import type { Scale } from "./plan";

const STEPS = [1, 2, 5, 10];

/** The lowest and the highest; 0 and 1 where there is none. */
export function extremes(values: number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const each of values) {
    if (each < low) low = each;
    if (each > high) high = each;
  }
  return low > high ? [0, 1] : [low, high];
}

interface Extent {
  low: number;
  high: number;
  step: number;
}

export function roundExtent(low: number, high: number, parts = 4): Extent {
  const spread = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / parts));
  const step = power * (STEPS.find((each) => each * power * parts >= spread * 0.999) ?? 10);
  const round = (value: number, way: (value: number) => number) => {
    // 0.1 + 0.2: what is a step but for the last digit of a double is that step.
    const count = value / step;
    const whole = Math.abs(count - Math.round(count)) < 1e-9 ? Math.round(count) : way(count);
    return Number((whole * step).toPrecision(12));
  };
  const [from, to] = [round(low, Math.floor), round(high, Math.ceil)];
  return from === to ? { low: from, high: from + step, step } : { low: from, high: to, step };
}

/** From here on a label is written compactly. */
const LONG = 10_000;

const decimalsOf = (step: number) => (String(Number(step.toPrecision(6))).split(".")[1] ?? "").length;

/** A label of the axis: as many decimals as its steps have, so that no two read alike; a unit of words at the top alone. */
export function axisText(value: number, { step, high, low, unit }: Scale): string {
  if (currencyOf(unit) || Math.max(Math.abs(high), Math.abs(low)) >= LONG) return shortText(value, unit);
  if (unit === "percent") {
    const places = decimalsOf(step * 100);
    return `${fixed(value * 100, places, places)}%`;
  }
  const places = decimalsOf(step);
  const text = fixed(value, places, places);
  const suffix = unit === "count" || value < high ? "" : shortText(0, unit).replace(/^0/, "");
  return text + suffix;
}
