/** An answer as a chart reads it: raw keys, values by their columns, buckets of time, and what an absent cell means. */
import type { AnswerRows, Cell, Metric } from "@/api/types";
import { joined, valueNames } from "@/format/values";
import { humanName } from "@/format/words";
import { dimensionLabel } from "@/question/filters";
import { type Bucket, bucketsOf } from "./buckets";
import { type Columns, cellAt, columnsOf, type ValueColumn } from "./columns";

export interface Dimension {
  column: Columns["dimensions"][number]["column"];
  index: number;
  label: string;
  /** As a value reads beside the others of its column. */
  nameOf: (value: Cell) => string;
}

export interface Frame {
  answer: AnswerRows;
  zone: string;
  grain: string | null;
  time: number | null;
  /** In order of time, whatever the order of the rows. */
  buckets: Bucket[];
  dimensions: Dimension[];
  values: ValueColumn[];
  /** Of groups, each by itself. */
  rows: Cell[][];
  /** All other groups together, where the question asked for them: a row, or one a bucket, and of how many groups. */
  others: { rows: Cell[][]; count: number } | null;
  /** Rows may have been left out: then an absent cell says nothing. */
  isCut: boolean;
  metricOf: (metricId: string | undefined) => Metric | undefined;
  labelOf: (value: ValueColumn) => string;
}

/** Whether values of a metric may be added to one another, as far as is known here. */
export const doesAddUp = (frame: Frame, metricId: string | undefined): boolean =>
  frame.metricOf(metricId)?.adds_up === true;

/** What a cell holds that no row speaks of: 0 where the metric counts or adds up and no row was left out, else nothing. */
export const absentCell = (frame: Frame, { column }: ValueColumn): Cell =>
  column.empty === "zero" && !frame.isCut ? 0 : null;

/** What a value holds in each bucket of an answer that is split by time alone. */
export function cellByBucket(frame: Frame, value: ValueColumn): (key: string) => Cell {
  const rows = new Map(frame.rows.map((row) => [String(cellAt(row, frame.time)), row]));
  return (key) => {
    const row = rows.get(key);
    return row ? cellAt(row, value.index) : absentCell(frame, value);
  };
}

/** How the buckets of time are called, by their keys. */
export const bucketNames = (frame: Frame): Map<string, string> =>
  new Map(frame.buckets.map(({ key, label }) => [key, label]));

/** Whether the row is of all others together. */
const isOfOthers = (row: Cell[], columns: Pick<Columns, "others">): boolean =>
  cellAt(row, columns.others) !== null;

function othersOf(answer: AnswerRows, columns: Columns): Frame["others"] {
  const rows = answer.rows.filter((row) => isOfOthers(row, columns));
  return rows.length > 0 ? { rows, count: Number(cellAt(rows[0], columns.others)) } : null;
}

export function frameOf(answer: AnswerRows, metrics: Metric[]): Frame {
  const columns = columnsOf(answer);
  const { time, dimensions, values } = columns;
  const { window, grain, limit, others, as_of, periods } = answer.question;
  const zone = window?.timezone ?? "UTC";
  const isLimited = limit !== null && others !== true && answer.rows.length >= limit;
  const isCut = answer.provenance?.truncated === true || isLimited;
  const rows = answer.rows.filter((row) => !isOfOthers(row, columns));
  const metricOf = (metricId: string | undefined) => metrics.find((metric) => metric.metric_id === metricId);
  const isFilled = window !== null && !isCut && values.every(({ column }) => column.empty === "zero");
  return {
    answer,
    zone,
    grain,
    time,
    buckets:
      time === null || !grain
        ? []
        : bucketsOf(
            answer.rows.flatMap((row) => (cellAt(row, time) === null ? [] : [String(cellAt(row, time))])),
            {
              grain,
              zone,
              from: isFilled ? window.start : null,
              to: isFilled ? (Date.parse(window.end) < Date.parse(as_of) ? window.end : as_of) : null,
              ...(periods && { periods: new Map(periods.map(({ time: key, label }) => [key, label])) }),
              partial: new Map((answer.partial ?? []).map((each) => [each.time, each.reason])),
            },
          ),
    dimensions: dimensions.map(({ column, index }) => ({
      column,
      index,
      label: dimensionLabel(column.name, metrics),
      nameOf: valueNames(new Set(rows.map((row) => cellAt(row, index))), column.type, zone),
    })),
    values,
    rows,
    others: othersOf(answer, columns),
    isCut,
    metricOf,
    labelOf: ({ metricId, column }) => metricOf(metricId)?.label ?? humanName(column.name),
  };
}

/** What tells a row from every other by these columns. */
export const rowKey = (row: Cell[], indexes: number[]): string =>
  JSON.stringify(indexes.map((index) => cellAt(row, index)));

export const rowName = (row: Cell[], dimensions: Dimension[]): string =>
  joined(dimensions.map(({ index, nameOf }) => nameOf(cellAt(row, index))));
