/** Rows as rows: what stands in each cell, short on a tile, to the last digit in a receipt. */
import type { Cell, Column, Filter, Widget } from "@/api/types";
import { exactText, shortText } from "@/format/numbers";
import { comparedWith } from "@/format/windows";
import { humanName } from "@/format/words";
import { toneOf, type ValueTone } from "@/ui/tones";
import { cellAt } from "./columns";
import type { Frame } from "./frame";
import { rowFilters } from "./split";

interface RowsColumn {
  name: string;
  label: string;
  isFigure: boolean;
}

export interface RowsCell {
  text: string;
  /** Every digit of a figure. */
  title: string | undefined;
  tone: ValueTone | null;
  /** What a press on it filters by. */
  pick: { dimension: string; value: Cell } | null;
  /** A number that rows stand behind. */
  isValue: boolean;
}

export interface Compared {
  name: string;
  value: Cell;
  previous: Cell;
  unit: string | null;
  direction: string;
}

export interface Rows {
  columns: RowsColumn[];
  /** The head of the columns of changes, where there are any. */
  against: string;
  rows: { cells: RowsCell[]; changes: Compared[]; filters: Filter[] }[];
  changes: string[];
}

interface Wanted {
  /** Every digit, and previous values as columns of their own: for a receipt. */
  exact: boolean;
  widget?: Widget | undefined;
}

const isFigure = (column: Column) => column.role === "value" || column.role === "previous";

function columnLabel(column: Column, frame: Frame): string {
  const { answer } = frame;
  if (column.role === "time") return humanName(answer.question.grain ?? "time");
  if (column.role === "dimension")
    return frame.dimensions.find((each) => each.column === column)?.label ?? humanName(column.name);
  const label = frame.metricOf(column.metric_id ?? answer.metric_id)?.label ?? humanName(column.name);
  return column.role === "previous" ? `${label}, before` : label;
}

export function rowsOf(frame: Frame, { exact, widget }: Wanted): Rows {
  const { answer } = frame;
  const times = new Map(frame.buckets.map(({ key, label }) => [key, label]));
  const shown = answer.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => exact || column.role !== "previous");
  const compared = exact ? [] : frame.values.filter(({ previous }) => previous !== null);
  const textOf = (column: Column, value: Cell): string => {
    if (column.role === "time") return exact ? String(value) : (times.get(String(value)) ?? String(value));
    if (isFigure(column))
      return exact ? exactText(value, column.unit) : shortText(value, column.unit, widget?.format);
    return frame.dimensions.find((each) => each.column === column)?.nameOf(value) ?? String(value);
  };
  return {
    columns: shown.map(({ column }) => ({
      name: column.name,
      label: columnLabel(column, frame),
      isFigure: isFigure(column),
    })),
    against: comparedWith(answer.question),
    changes: compared.map(({ column }) => column.name),
    rows: answer.rows.map((row) => ({
      cells: shown.map(({ column, index }) => {
        const value = cellAt(row, index);
        return {
          text: textOf(column, value),
          title: isFigure(column) ? exactText(value, column.unit) : undefined,
          tone: column.role === "value" ? toneOf(value, widget?.thresholds) : null,
          pick: column.role === "dimension" && !exact ? { dimension: column.name, value } : null,
          isValue: column.role === "value" && !exact,
        };
      }),
      changes: compared.map((value) => ({
        name: value.column.name,
        value: cellAt(row, value.index),
        previous: cellAt(row, value.previous),
        unit: value.column.unit,
        direction: frame.metricOf(value.metricId)?.direction ?? "neutral",
      })),
      filters: rowFilters(row, frame),
    })),
  };
}
