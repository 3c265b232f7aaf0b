/** Rows as series over bands: which cell belongs to which is decided by raw keys, never by how a value reads or where its row stands. */
import type { Cell, Widget } from "@/api/types";
import { wallText, yearOf } from "@/format/times";
import { joined } from "@/format/values";
import { filterOf } from "@/question/filters";
import { toneOf } from "@/ui/tones";
import { cellAt, type ValueColumn } from "./columns";
import { absentCell, type Dimension, type Frame, rowKey, rowName } from "./frame";
import { type Band, type Bar, barOf, groupBand, type Plan, type Series } from "./plan";

/** The dimension that is told apart by colour: the one the widget names, else the last. */
export function seriesDimension(widget: Pick<Widget, "series">, frame: Frame): Dimension | null {
  const named = frame.dimensions.find(({ column }) => column.name === widget.series);
  return named ?? frame.dimensions.at(-1) ?? null;
}

export interface Split {
  bands: Band[];
  series: Series[];
  cellOf: (series: number, band: number) => Cell;
  rowOf: (series: number, band: number) => Cell[] | undefined;
}

const isWeekend = (at: number) => [0, 6].includes(new Date(at).getUTCDay());

function timeBands(frame: Frame): Band[] {
  return frame.buckets.map(({ key, label, wall, state }) => ({
    key,
    label,
    short: wall ? wallText(wall, frame.grain) : label,
    year: wall && yearOf(wall),
    state,
    isWeekend: frame.grain === "day" && wall !== null && isWeekend(wall.at),
    pick: null,
  }));
}

function nameBands(frame: Frame, axis: Dimension[]): Band[] {
  const indexes = axis.map(({ index }) => index);
  const [only] = axis;
  const bands = new Map<string, Band>();
  for (const row of frame.rows) {
    const key = rowKey(row, indexes);
    if (bands.has(key)) continue;
    const pick =
      only && axis.length === 1 ? { dimension: only.column.name, value: cellAt(row, only.index) } : null;
    const label = rowName(row, axis);
    bands.set(key, groupBand(key, label, pick));
  }
  return [...bands.values()];
}

interface Wanted {
  /** Columns of the axis; null: time is the axis. */
  axis: Dimension[] | null;
  by: Dimension[];
  values: ValueColumn[];
  withBefore: boolean;
}

/** The cells of an answer by band and series, in the order in which both first come. */
export function split(frame: Frame, { axis, by, values, withBefore }: Wanted): Split {
  const bands = axis === null ? timeBands(frame) : nameBands(frame, axis);
  const bandAt = new Map(bands.map(({ key }, index) => [key, index]));
  const indexes = by.map(({ index }) => index);
  const bandKey = (row: Cell[]) =>
    axis === null
      ? String(cellAt(row, frame.time))
      : rowKey(
          row,
          axis.map(({ index }) => index),
        );
  const series: Series[] = [];
  const columns: { value: ValueColumn; index: number }[] = [];
  const seriesAt = new Map<string, number>();
  const cells = new Map<string, Cell[]>();
  const place = (row: Cell[], value: ValueColumn, role: Series["role"]): number => {
    const key = JSON.stringify([rowKey(row, indexes), values.length > 1 ? value.metricId : null, role]);
    const held = seriesAt.get(key);
    if (held !== undefined) return held;
    const parts = by.length > 0 ? [rowName(row, by)] : [];
    if (values.length > 1 || parts.length === 0) parts.push(frame.labelOf(value));
    const raw = indexes.map((index) => cellAt(row, index));
    const isOfMetric = values.length > 1 || by.length === 0;
    series.push({
      key: JSON.stringify(isOfMetric ? [...raw, value.metricId] : raw),
      name: joined(parts),
      hue: "accent",
      role,
      dimension:
        by.length > 0
          ? [...by.map(({ column }) => column.name), ...(values.length > 1 ? ["metric"] : [])].join("\n")
          : null,
    });
    columns.push({ value, index: role === "own" ? value.index : (value.previous ?? -1) });
    seriesAt.set(key, series.length - 1);
    return series.length - 1;
  };
  for (const row of frame.rows) {
    const band = bandAt.get(bandKey(row));
    if (band === undefined) continue;
    for (const value of values) {
      cells.set(`${place(row, value, "own")} ${band}`, row);
      if (withBefore && value.previous !== null) cells.set(`${place(row, value, "before")} ${band}`, row);
    }
  }
  return {
    bands,
    series,
    rowOf: (at, band) => cells.get(`${at} ${band}`),
    cellOf: (at, band) => {
      const column = columns[at];
      const row = cells.get(`${at} ${band}`);
      if (!column) return null;
      if (row) return cellAt(row, column.index);
      // A period before that has no such day says nothing of it.
      return series[at]?.role === "own" ? absentCell(frame, column.value) : null;
    },
  };
}

/** Every condition that a row stands for. */
export const rowFilters = (row: Cell[] | undefined, frame: Frame) =>
  row ? frame.dimensions.map(({ column, index }) => filterOf(column.name, cellAt(row, index))) : [];

/** A bar for each cell that holds a number, from zero. */
export function barsOf(parts: Split, frame: Frame, widget: Widget): Bar[] {
  return parts.bands.flatMap((_, band) =>
    parts.series.flatMap((_, series): Bar[] => {
      const row = parts.rowOf(series, band);
      const value = parts.cellOf(series, band);
      if (row === undefined && value === null) return [];
      const tone = toneOf(value, widget.thresholds);
      return [{ ...barOf(series, band, value, rowFilters(row, frame)), tone }];
    }),
  );
}

export const emptyPlan = (frame: Frame, widget: Widget, label: string): Plan => ({
  label,
  shape: "by_name",
  isStacked: false,
  isShare: false,
  bands: [],
  series: [],
  bars: [],
  lines: [],
  scale: { low: 0, high: 1, step: 1, unit: frame.values[0]?.column.unit ?? null, reason: null },
  second: null,
  edges: null,
  ticks: [],
  year: null,
  across: [],
  thresholds: widget.thresholds ?? [],
  format: widget.format ?? null,
  zone: null,
  whole: null,
  folded: 0,
  rest: null,
  note: null,
  sentence: "",
});
