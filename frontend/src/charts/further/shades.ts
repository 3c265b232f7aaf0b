/** Colours of cells by their values, and what they stand for. */
import { exactText } from "@/format/numbers";
import { axisText, extremes, isCounted, roundExtent } from "../scale";
import type { Heat, Shade } from "./drawn";

const STEPS = 7;

/** Equal steps from the lowest to the highest; where a value lies below 0, as far to one side of it as to the other. */
export function shades(numbers: number[], unit: string | null) {
  const [low, high] = extremes(numbers);
  const isBoth = low < 0;
  const far = Math.max(-low, high);
  const [from, to] = isBoth ? [-far, far] : low >= 0 && low < high / 2 ? [0, high] : [low, high];
  const step = (to - from) / STEPS;
  const family = isBoth ? "d" : "s";
  const at = (value: number) =>
    step === 0
      ? from === 0
        ? 0
        : STEPS - 1
      : Math.min(STEPS - 1, Math.max(0, Math.floor((value - from) / step)));
  const shadeOf = (value: number) => `${family}${at(value) + 1}` as Shade;
  const isWhole = isCounted(numbers, unit);
  const extent = roundExtent(from, to);
  const scale = {
    ...extent,
    step: isWhole ? Math.max(1, extent.step / 10) : extent.step / 10,
    unit,
    reason: null,
  };
  const exactly = (place: number) => Number((from + place * step).toPrecision(6));
  const edgeAt = (place: number) => (isWhole ? Math.ceil(exactly(place)) : exactly(place));
  const edge = (place: number) => axisText(edgeAt(place), scale);
  const key: Heat["key"] = Array.from({ length: STEPS }, (_, place) => ({
    shade: `${family}${place + 1}` as Shade,
    text: `from ${edge(place)}${place === STEPS - 1 && step > 0 ? ` to ${edge(STEPS)}` : ""}`,
    // Between two whole numbers there may be none.
  })).filter((_, place) => step === 0 || place === STEPS - 1 || edgeAt(place) < edgeAt(place + 1));
  if (numbers.length === 0) return { shadeOf, key: [], ends: null };
  if (step === 0) {
    const only = key.filter(({ shade }) => shade === shadeOf(from));
    return { shadeOf, key: only, ends: [exactText(from, unit), ""] as [string, string] };
  }
  return { shadeOf, key, ends: [edge(0), edge(STEPS)] as [string, string] };
}
