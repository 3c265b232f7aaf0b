/** An answer's columns by their roles, so that nobody counts columns by hand. */
import type { AnswerRows, Cell, Column } from "@/api/types";

export interface ValueColumn {
  column: Column;
  index: number;
  /** Where the same metric's previous value stands, if it was asked for. */
  previous: number | null;
  metricId: string;
}

export interface Columns {
  time: number | null;
  dimensions: { column: Column; index: number }[];
  values: ValueColumn[];
}

export function columnsOf(answer: Pick<AnswerRows, "columns" | "metric_id">): Columns {
  const columns = answer.columns.map((column, index) => ({ column, index }));
  const metricOf = (column: Column) => column.metric_id ?? answer.metric_id;
  const previous = columns.filter(({ column }) => column.role === "previous");
  return {
    time: columns.find(({ column }) => column.role === "time")?.index ?? null,
    dimensions: columns.filter(({ column }) => column.role === "dimension"),
    values: columns
      .filter(({ column }) => column.role === "value")
      .map(({ column, index }) => ({
        column,
        index,
        metricId: metricOf(column),
        previous: previous.find((each) => metricOf(each.column) === metricOf(column))?.index ?? null,
      })),
  };
}

export const cellAt = (row: Cell[] | undefined, index: number | null): Cell =>
  index === null ? null : (row?.[index] ?? null);

/** "claim_status" -> "Claim status", for names that the catalog does not label. */
export function humanName(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
