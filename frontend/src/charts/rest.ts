/**
 * What a chart leaves out, asked of the engine: the page adds up nothing that does not add up, and nothing of rows that it does not
 * have. A plan says what it wants; whoever draws it asks for that, and draws it again.
 */
import { conditionsOf } from "@/api/asked";
import type { Answer, AnswerRows, Cell, Filter, Question } from "@/api/types";
import { cellsAt } from "./columns";
import type { Frame } from "./frame";

/** More than this one question does not take. */
export const MOST_VALUES = 200;

/** Everything beyond these values of a dimension, by what is left of the keys; without a dimension everything. */
export interface RestWanted {
  dimension: string | null;
  kept: Cell[];
  /** Dimensions that it is split by. */
  by: string[];
  isOverTime: boolean;
}

/** What is not among these values, and has one where no value is among them. */
export function beyond(dimension: string, kept: Cell[]): Filter[] {
  const values = kept.filter((value) => value !== null);
  const filters: Filter[] = values.length > 0 ? [{ dimension, op: "not_in", values }] : [];
  return kept.includes(null) ? [...filters, { dimension, op: "is_not_null" }] : filters;
}

/** Every group but those that come first; of several dimensions no condition says that. */
export function askedFilters({ dimensions, rows }: Frame): Filter[] {
  const [only] = dimensions;
  if (!only || dimensions.length > 1) return [];
  const kept = [...new Set(cellsAt(rows, only.index))];
  return kept.length > MOST_VALUES ? [] : beyond(only.column.name, kept);
}

/** The question of the rest: of the same rows, in the same window. */
export function restQuestion({ question }: AnswerRows, wanted: RestWanted): Question {
  const { metrics, grain } = question;
  const { dimension, kept, by, isOverTime } = wanted;
  const { filters, any_of, segments, whose, window } = conditionsOf(question);
  return {
    metrics,
    dimensions: by,
    filters: [...filters, ...(dimension === null ? [] : beyond(dimension, kept))],
    ...(any_of.length > 0 ? { any_of } : {}),
    ...(segments.length > 0 ? { segments } : {}),
    ...(whose.length > 0 ? { whose } : {}),
    window,
    grain: isOverTime ? grain : null,
  };
}

const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);

/** Whether it was told of rows that the answer is of as well: every condition of the answer is one of the rest. */
function isOfSameRows(rest: Answer["question"], { question }: Answer): boolean {
  const [of, whole] = [conditionsOf(rest), conditionsOf(question)];
  return (
    // What is left out of the answer by its value would be in the rest.
    !question.having &&
    whole.filters.every((each) => of.filters.some((other) => same(each, other))) &&
    same(of.any_of, whole.any_of) &&
    same([...of.segments].sort(), [...whole.segments].sort()) &&
    same(of.whose, whole.whose)
  );
}

/** Whether the rest was told by the same engine, by the same definition, as freshly, and of the same rows. */
export const belongs = (rest: Answer, answer: Answer): boolean =>
  rest.provenance.backend === answer.provenance.backend &&
  rest.provenance.definition_version === answer.provenance.definition_version &&
  rest.provenance.stale === answer.provenance.stale &&
  isOfSameRows(rest.question, answer);
