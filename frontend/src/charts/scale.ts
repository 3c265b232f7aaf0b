/** An axis with round steps. The steps are coarse, so that the same tile has the same axis minutes later. */

import { figure, fixed, scaleOf, shortText } from "@/format/numbers";
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

/** What is counted is whole: between two whole numbers its axis has no step. */
export const isCounted = (values: readonly number[], unit: string | null): boolean =>
  (unit === "count" || !unit) && values.every(Number.isInteger);

export function roundExtent(low: number, high: number, { parts = 4, isWhole = false } = {}): Extent {
  const spread = high - low || Math.abs(high) || 1;
  const power = 10 ** Math.floor(Math.log10(spread / parts));
  const least = power * (STEPS.find((each) => each * power * parts >= spread * 0.999) ?? 10);
  const step = isWhole ? Math.max(1, least) : least;
  const round = (value: number, way: (value: number) => number) => {
    // 0.1 + 0.2: what is a step but for the last digit of a double is that step.
    const count = value / step;
    const whole = Math.abs(count - Math.round(count)) < 1e-9 ? Math.round(count) : way(count);
    return Number((whole * step).toPrecision(12));
  };
  const [from, to] = [round(low, Math.floor), round(high, Math.ceil)];
  return from === to ? { low: from, high: from + step, step } : { low: from, high: to, step };
}

/** Where values are nearer to one another than to 0, their shape would be lost on an axis from 0. */
const NEAR = 0.5;

interface AxisWish {
  isWhole: boolean;
  /** Whether it may begin elsewhere than at 0. */
  mayLeave: boolean;
}

/** The axis of the lowest and the highest. */
export function axisExtent([low, high]: [number, number], { isWhole, mayLeave }: AxisWish): Extent {
  const isFar = low > 0 ? low >= high * NEAR : high < 0 && high <= low * NEAR;
  return mayLeave && isFar
    ? roundExtent(low, high, { isWhole })
    : roundExtent(Math.min(0, low), Math.max(0, high), { isWhole });
}

/** That an axis does not begin at 0, after its name; null where it does: rounding may lead there all the same. */
export function notFromZero(scale: Scale, name: string): string | null {
  const { low, high } = scale;
  return low <= 0 && high >= 0 ? null : `${name} from ${axisText(low > 0 ? low : high, scale)}, not from 0`;
}

/** From here on a label has a letter in place of its last digits: money sooner than what is counted. */
const LONG = { money: 10_000, other: 1e6 };
/** Beyond what has a word. */
const POWERS = 999.5e18;

/** How many decimals a step has, also a very small one: 0.25 has two. */
function decimalsOf(step: number): number {
  const [digits = "", power] = Number(step.toPrecision(6)).toExponential().split("e");
  return Math.max(0, (digits.split(".")[1] ?? "").length - Number(power));
}

/**
 * A label of the axis: as many decimals as its steps have, so that no two read alike, and one letter on all of them; a unit of
 * words at the top alone.
 */
export function axisText(value: number, { step, high, low, unit }: Scale): string {
  const by = unit === "percent" ? 100 : 1;
  const { prefix, suffix } = figure(0, unit);
  const most = Math.max(Math.abs(high), Math.abs(low)) * by;
  if (most >= POWERS) return shortText(value, unit);
  const [divisor, letter] = most >= (prefix ? LONG.money : LONG.other) ? scaleOf(most) : ([1, ""] as const);
  const own = decimalsOf((step * by) / divisor);
  const places = prefix && letter === "" && own > 0 ? Math.max(2, own) : own;
  const shown = (value * by) / divisor;
  const text = letter && value === 0 ? "0" : fixed(prefix ? Math.abs(shown) : shown, places, places) + letter;
  const isUnitSaid = unit === "percent" || value >= high;
  return (prefix && value < 0 ? "−" : "") + prefix + text + (isUnitSaid ? suffix : "");
}
