/**
 * What a chart leaves out, asked of the engine: the page adds up nothing that does not add up, and nothing of rows that it does not
 * have. A plan says what it wants; whoever draws it asks for that, and draws it again.
 */
import type { Answer, AnswerRows, Cell, Filter, Question } from "@/api/types";

/** Everything beyond these values of a dimension, by what is left of the keys; without a dimension everything. */
export interface RestWanted {
  dimension: string | null;
  kept: Cell[];
  /** Dimensions that it is split by. */
  by: string[];
  isOverTime: boolean;
}

/** What is not among these values, and has one where no value is among them. */
function beyond(dimension: string, kept: Cell[]): Filter[] {
  const values = kept.filter((value) => value !== null);
  const filters: Filter[] = values.length > 0 ? [{ dimension, op: "not_in", values }] : [];
  return kept.includes(null) ? [...filters, { dimension, op: "is_not_null" }] : filters;
}

/** The question of the rest: of the same rows, in the same window. */
export function restQuestion({ question }: AnswerRows, wanted: RestWanted): Question {
  const { metrics, filters, any_of: anyOf, window, grain } = question;
  const { dimension, kept, by, isOverTime } = wanted;
  return {
    metrics,
    dimensions: by,
    filters: [...filters, ...(dimension === null ? [] : beyond(dimension, kept))] as Filter[],
    ...(anyOf ? { any_of: anyOf as Filter[][] } : {}),
    window: window && (window.name ?? { start: window.start, end: window.end }),
    grain: isOverTime ? grain : null,
  };
}

/** Whether the rest was told by the same engine, by the same definition, and as freshly. */
export const belongs = (rest: Answer, { provenance }: Answer): boolean =>
  rest.provenance.backend === provenance.backend &&
  rest.provenance.definition_version === provenance.definition_version &&
  rest.provenance.stale === provenance.stale;
