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
  /** Where it stands of how many groups a row is that is of all others together. */
  others: number | null;
  dimensions: { column: Column; index: number }[];
  values: ValueColumn[];
}

export function columnsOf(answer: Pick<AnswerRows, "columns" | "metric_id">): Columns {
  const columns = answer.columns.map((column, index) => ({ column, index }));
  const metricIdOf = (column: Column) => column.metric_id ?? answer.metric_id;
  const previous = columns.filter(({ column }) => column.role === "previous");
  return {
    time: columns.find(({ column }) => column.role === "time")?.index ?? null,
    others: columns.find(({ column }) => column.role === "others")?.index ?? null,
    dimensions: columns.filter(({ column }) => column.role === "dimension"),
    values: columns
      .filter(({ column }) => column.role === "value")
      .map(({ column, index }) => ({
        column,
        index,
        metricId: metricIdOf(column),
        previous: previous.find((each) => metricIdOf(each.column) === metricIdOf(column))?.index ?? null,
      })),
  };
}

export const cellAt = (row: Cell[] | undefined, index: number | null): Cell =>
  index === null ? null : (row?.[index] ?? null);

/** A column of rows. */
export const cellsAt = (rows: Cell[][], index: number): Cell[] => rows.map((row) => cellAt(row, index));
