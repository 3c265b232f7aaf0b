/** Rows by the values of the last key. Sums are made of what adds up, where no row was left out, and of nothing else. */
import type { Cell } from "@/api/types";
import { sumOf } from "@/format/decimal";
import { columnPlaces, exactText, fixed, NOTHING, shortText } from "@/format/numbers";
import { joined } from "@/format/values";
import { humanName } from "@/format/words";
import { cellAt, cellsAt, type ValueColumn } from "../columns";
import { absentCell, bucketNames, type Dimension, doesAddUp, type Frame, rowKey } from "../frame";
import type { Context } from "../plan";
import { rowFilters, seriesDimension } from "../split";
import type { FurtherDrawn, Pivot } from "./drawn";

const MOST_COLUMNS = 40;

interface Key {
  index: number;
  label: string;
  nameOf: (value: Cell) => string;
}

function timeKey(frame: Frame): Key[] {
  if (frame.time === null) return [];
  const labels = bucketNames(frame);
  const nameOf = (value: Cell) => labels.get(String(value)) ?? String(value);
  return [{ index: frame.time, label: humanName(frame.grain ?? "time"), nameOf }];
}

const keyOf = ({ index, label, nameOf }: Dimension): Key => ({ index, label, nameOf });

/** Values in the order in which they first come; times in theirs. */
function inOrder(frame: Frame, keys: Key[]): Cell[][] {
  const seen = new Map<string, Cell[]>();
  const indexes = keys.map(({ index }) => index);
  for (const row of frame.rows) {
    const key = rowKey(row, indexes);
    if (!seen.has(key))
      seen.set(
        key,
        indexes.map((index) => cellAt(row, index)),
      );
  }
  const places = new Map(frame.buckets.map(({ key }, at) => [key, at]));
  const at = keys.findIndex(({ index }) => index === frame.time);
  const all = [...seen.values()];
  if (at === -1) return all;
  const place = (each: Cell[]) => places.get(String(each[at] ?? null)) ?? 0;
  return all.sort((a, b) => place(a) - place(b));
}

export function pivot({ frame, widget }: Context, label: string): FurtherDrawn {
  const across = seriesDimension(widget, frame);
  const down = [...timeKey(frame), ...frame.dimensions.filter((each) => each !== across).map(keyOf)];
  if (!across || down.length === 0 || frame.values.length === 0)
    return { as: "refused", why: "A pivot needs two things to split by, or one and a time." };
  const columns = inOrder(frame, [keyOf(across)]);
  const shown = columns.slice(0, MOST_COLUMNS);
  const indexes = [...down.map(({ index }) => index), across.index];
  const byKey = new Map(frame.rows.map((row) => [rowKey(row, indexes), row]));
  const several = frame.values.length > 1;
  const heads = shown.flatMap(([value]) =>
    frame.values.map((each) =>
      joined([across.nameOf(value ?? null), ...(several ? [frame.labelOf(each)] : [])]),
    ),
  );
  const addsUp = frame.values.map((each) => !frame.isCut && doesAddUp(frame, each.metricId));
  const withTotals = addsUp.some(Boolean) && shown.length === columns.length;
  const isSummed = withTotals && !several;
  const sums = heads.map((): Cell[] => []);
  const places = new Map(
    frame.values.map(({ column, index }) => [
      index,
      columnPlaces(cellsAt(frame.rows, index), column.unit, widget.format),
    ]),
  );
  const written = (value: Cell, { column, index }: ValueColumn) =>
    shortText(value, column.unit, widget.format, places.get(index));
  const rows = inOrder(frame, down).map((values): Pivot["rows"][number] => {
    const raw: Cell[][] = frame.values.map(() => []);
    const cells = shown.flatMap(([column], place) => {
      const row = byKey.get(JSON.stringify([...values, column ?? null]));
      return frame.values.map((each, at) => {
        const value = row ? cellAt(row, each.index) : absentCell(frame, each);
        raw[at]?.push(value);
        sums[place * frame.values.length + at]?.push(value);
        const { unit } = each.column;
        return {
          text: value === null ? NOTHING : written(value, each),
          title: value === null ? "no data" : exactText(value, unit),
          filters: rowFilters(row, frame),
        };
      });
    });
    const [only] = frame.values;
    const total = isSummed && only ? written(sumOf(raw[0] ?? []), only) : null;
    return { names: values.map((value, at) => down[at]?.nameOf(value) ?? ""), cells, total };
  });
  const totals = sums.map((values, at) => {
    const value = frame.values[at % frame.values.length];
    return value && withTotals && addsUp[at % frame.values.length] ? written(sumOf(values), value) : null;
  });
  const pivoted: Pivot = {
    label,
    rowHeads: down.map((each) => each.label),
    columns: heads,
    rows,
    totals,
    grand: isSummed && frame.values[0] ? written(sumOf(sums.flat()), frame.values[0]) : null,
    totalLabel: "Total",
    addsUp: withTotals,
    addsUpAcross: isSummed,
    note:
      columns.length > MOST_COLUMNS
        ? `the first ${MOST_COLUMNS} of ${fixed(columns.length, 0)} columns`
        : frame.isCut
          ? "rows were left out: no totals"
          : withTotals
            ? null
            : "no totals: this does not add up",
  };
  return { as: "pivot", pivot: pivoted };
}
