/** Rows as rows: what stands in each cell, short on a tile, to the last digit in a receipt. */
import type { Answer, Cell, Column, Filter, Widget } from "@/api/types";
import { sumOf } from "@/format/decimal";
import { columnPlaces, exactText, fixed, numberOf, shortText } from "@/format/numbers";
import { comparedWith } from "@/format/windows";
import { humanName } from "@/format/words";
import { toneOf, type ValueTone } from "@/ui/tones";
import { cellAt, cellsAt } from "./columns";
import { doesAddUp, type Frame } from "./frame";
import { askedFilters, type RestWanted } from "./rest";
import { othersName } from "./rules/others";
import { extremes } from "./scale";
import { rowFilters } from "./split";

interface RowsColumn {
  name: string;
  label: string;
  isFigure: boolean;
}

export interface RowsCell {
  text: string;
  /** As it travelled: what rows are put in order by. */
  raw: Cell;
  /** How much of the largest of its column it is, from 0 to 1; null where that says nothing. */
  share: number | null;
  /** Every digit of a figure. */
  title: string | undefined;
  tone: ValueTone | null;
  /** What a press on it filters by. */
  pick: { dimension: string; value: Cell } | null;
  /** The metric whose rows stand behind the number; null where there are none to show. */
  rowsOf: string | null;
}

interface RowChange {
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
  /** `isOfRest`: of all others together, which stand behind groups however these are ordered. */
  rows: { isOfRest: boolean; cells: RowsCell[]; changes: RowChange[]; filters: Filter[] }[];
  changes: string[];
  /** What the columns come to, and of which rows; null where none of them adds up. */
  totals: { label: string; texts: (string | null)[] } | null;
  /** What the engine would have to tell, as the page cannot add it up. */
  rest: RestWanted | null;
}

interface Wanted {
  /** Every digit, and previous values as columns of their own: for a receipt. */
  exact: boolean;
  widget?: Widget | undefined;
  /** What the engine told of all rows together. */
  all?: Answer | undefined;
}

/** Everything, by nothing. */
const ALL: RestWanted = { dimension: null, kept: [], by: [], isOverTime: false };

const isFigure = (column: Column) => column.role === "value" || column.role === "previous";

function columnLabel(column: Column, frame: Frame): string {
  const { answer } = frame;
  if (column.role === "others") return "Others";
  if (column.role === "time") return humanName(answer.question.grain ?? "time");
  if (column.role === "dimension")
    return frame.dimensions.find((each) => each.column === column)?.label ?? humanName(column.name);
  const label = frame.metricOf(column.metric_id ?? answer.metric_id)?.label ?? humanName(column.name);
  return column.role === "previous" ? `${label}, before` : label;
}

/** How large the values of a column are beside one another; of values below 0 a bar would say the opposite. */
function sharesOf(frame: Frame, index: number): (value: Cell) => number | null {
  const numbers = cellsAt(frame.rows, index).map((cell) => numberOf(cell) ?? 0);
  const [low, high] = extremes(numbers);
  return (value) => {
    const number = numberOf(value);
    return number === null || low < 0 || high <= 0 || numbers.length < 2 ? null : number / high;
  };
}

/** What an engine tells of all rows in a column, also of those that are not shown, and of what does not add up. */
function toldOf(column: Column, frame: Frame, all: Answer | undefined): Cell | undefined {
  const [row] = all?.rows ?? [];
  if (!all || !row || column.role !== "value") return undefined;
  const own = column.metric_id ?? frame.answer.metric_id;
  const at = all.columns.findIndex(
    (each) => each.role === "value" && (each.metric_id ?? all.metric_id) === own,
  );
  return at === -1 ? undefined : cellAt(row, at);
}

type Shown = { column: Column; index: number; places: number }[];

function toldTotals(frame: Frame, shown: Shown, { widget, all }: Wanted): Rows["totals"] {
  if (!all?.rows[0]) return null;
  const texts = shown.map(({ column, places }) => {
    const told = toldOf(column, frame, all);
    return told === undefined ? null : shortText(told, column.unit, widget?.format, places);
  });
  return { label: frame.isCut ? "All, with rows not shown" : "All", texts };
}

/** Sums of what adds up, to the last digit. Of a rate or a distinct count there is none: the page never makes one. */
function totalsOf(frame: Frame, shown: Shown, widget: Widget | undefined): Rows["totals"] {
  const { rows } = frame.answer;
  const texts = shown.map(({ column, index, places }) => {
    if (column.role !== "value" || !doesAddUp(frame, column.metric_id ?? frame.answer.metric_id)) return null;
    return shortText(sumOf(cellsAt(rows, index)), column.unit, widget?.format, places);
  });
  if (rows.length < 2 || texts.every((text) => text === null)) return null;
  return { label: frame.isCut ? `Total of the ${fixed(rows.length, 0)} shown` : "Total", texts };
}

/** Whether the page itself can say what the rows come to, or nobody needs to: whoever chose so many rows has their sum. */
const isSummed = (frame: Frame): boolean =>
  frame.rows.length < 2 ||
  frame.values.length === 0 ||
  ((!frame.isCut || frame.answer.question.limit !== null) &&
    frame.values.every(({ metricId }) => doesAddUp(frame, metricId)));

export function rowsOf(frame: Frame, wanted: Wanted): Rows {
  const { exact, widget } = wanted;
  const { answer } = frame;
  const times = new Map(frame.buckets.map(({ key, label }) => [key, label]));
  const placesOf = (column: Column, index: number) => {
    if (exact || !isFigure(column)) return 0;
    const told = toldOf(column, frame, wanted.all) ?? null;
    return columnPlaces([...cellsAt(answer.rows, index), told], column.unit, widget?.format);
  };
  const shown = answer.columns
    .map((column, index) => ({ column, index, places: placesOf(column, index) }))
    .filter(({ column }) => exact || (column.role !== "previous" && column.role !== "others"));
  const compared = exact ? [] : frame.values.filter(({ previous }) => previous !== null);
  const rest = frame.others && { name: othersName(frame.others.count, false), filters: askedFilters(frame) };
  const ofRest = new Set(frame.others?.rows);
  const [named] = frame.dimensions;
  const textOf = ({ column, places }: Shown[number], value: Cell, isOfRest: boolean): string => {
    if (column.role === "others") return value === null ? "" : exactText(value, null);
    if (isOfRest && column.role === "dimension") return column === named?.column ? (rest?.name ?? "") : "";
    if (column.role === "time") return exact ? String(value) : (times.get(String(value)) ?? String(value));
    if (isFigure(column))
      return exact ? exactText(value, column.unit) : shortText(value, column.unit, widget?.format, places);
    return frame.dimensions.find((each) => each.column === column)?.nameOf(value) ?? String(value);
  };
  const shares = new Map(frame.values.map(({ index }) => [index, sharesOf(frame, index)]));
  return {
    columns: shown.map(({ column }) => ({
      name: column.name,
      label: columnLabel(column, frame),
      isFigure: isFigure(column),
    })),
    against: comparedWith(answer.question),
    changes: compared.map(({ column }) => column.name),
    totals: exact ? null : (toldTotals(frame, shown, wanted) ?? totalsOf(frame, shown, widget)),
    rest: exact || isSummed(frame) ? null : ALL,
    rows: answer.rows
      .map((row) => ({ row, isOfRest: ofRest.has(row) }))
      .map(({ row, isOfRest }) => ({
        isOfRest,
        cells: shown.map((each) => {
          const { column, index } = each;
          const value = cellAt(row, index);
          return {
            text: textOf(each, value, isOfRest),
            raw: value,
            share:
              column.role === "value" && !exact && !isOfRest ? (shares.get(index)?.(value) ?? null) : null,
            title: isFigure(column) ? exactText(value, column.unit) : undefined,
            tone: column.role === "value" ? toneOf(value, widget?.thresholds) : null,
            pick:
              column.role === "dimension" && !exact && !isOfRest ? { dimension: column.name, value } : null,
            rowsOf:
              column.role === "value" && !exact && !(isOfRest && rest?.filters.length === 0)
                ? (column.metric_id ?? answer.metric_id)
                : null,
          };
        }),
        changes: compared.map((value) => ({
          name: value.column.name,
          value: cellAt(row, value.index),
          previous: cellAt(row, value.previous),
          unit: value.column.unit,
          direction: frame.metricOf(value.metricId)?.direction ?? "neutral",
        })),
        filters: isOfRest ? (rest?.filters ?? []) : rowFilters(row, frame),
      })),
  };
}
