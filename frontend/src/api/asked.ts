/** A question as an answer tells it, asked again: every condition that its rows were chosen by, in the form that is asked. */
import type { Answer, Filter, Question, WindowChoice } from "./types";

type Told = Answer["question"];

const asAsked = (each: Told["filters"][number]): Filter => ({
  ...each,
  values: each.values.filter((value) => value !== null),
});

const windowAsAsked = ({
  name,
  start,
  end,
}: {
  name: string | null;
  start: string;
  end: string;
}): WindowChoice => name ?? { start, end };

interface Conditions {
  filters: Filter[];
  any_of: Filter[][];
  segments: string[];
  whose: NonNullable<Question["whose"]>;
  window: WindowChoice | null;
}

export const conditionsOf = ({ filters, any_of, segments, whose, window }: Told): Conditions => ({
  filters: filters.map(asAsked),
  any_of: (any_of ?? []).map((group) => group.map(asAsked)),
  segments: (segments ?? []).map(({ name }) => name),
  whose: (whose ?? []).map(({ dimension, metric, by, op, value, window: own }) => ({
    dimension,
    metric,
    by,
    op,
    value,
    window: own && windowAsAsked(own),
  })),
  window: window && windowAsAsked(window),
});
