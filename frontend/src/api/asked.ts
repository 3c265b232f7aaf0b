/** A question as an answer tells it, asked again: every condition that its rows were chosen by, in the form that is asked. */
import type { Answer, Filter, WindowChoice } from "./types";

type Told = Answer["question"];

const asAsked = (each: Told["filters"][number]): Filter => ({
  ...each,
  values: each.values.filter((value) => value !== null),
});

interface Conditions {
  filters: Filter[];
  any_of: Filter[][];
  segments: string[];
  window: WindowChoice | null;
}

export const conditionsOf = ({ filters, any_of, segments, window }: Told): Conditions => ({
  filters: filters.map(asAsked),
  any_of: (any_of ?? []).map((group) => group.map(asAsked)),
  segments: (segments ?? []).map(({ name }) => name),
  window: window && (window.name ?? { start: window.start, end: window.end }),
});
