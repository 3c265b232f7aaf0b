/** Cohorts: a row for each, a column for each bucket since its first events, and nothing where a bucket is not over yet. */
import type { Cell, WindowChoice } from "@/api/types";
import { columnPlaces, exactText, NOTHING, numberOf, shortText } from "@/format/numbers";
import { wallOf } from "@/format/wall";
import { filterOf } from "@/question/filters";
import { type Bucket, endBehind } from "../buckets";
import { cellAt } from "../columns";
import type { Frame } from "../frame";
import type { Context } from "../plan";
import { type FurtherDrawn, type HeatCell, NOT_SHOWN } from "./drawn";
import { shades } from "./shades";

const MOST_ROWS = 60;

/** The window in which the first events of a bucket lie, for the rows behind a cell. */
function windowOf(frame: Frame, at: number): WindowChoice | undefined {
  const { window } = frame.answer.question;
  const start = frame.buckets[at]?.key;
  if (!window || start === undefined) return undefined;
  const isCutBelow = frame.buckets[at]?.state === "cut" && at === 0;
  return {
    start: isCutBelow ? window.start : start,
    end: frame.buckets[at + 1]?.key ?? window.end,
  };
}

/**
 * Where small groups are not shown, why a cell has no value: too few are behind it, or it has not come. Of periods that only the
 * workspace knows either may be the reason.
 */
function whyNothing(frame: Frame, { wall }: Bucket, since: number): { nothing?: string } {
  if (!frame.answer.folded || !wall || !frame.grain) return {};
  const end = endBehind(wall, frame.grain, since);
  const now = wallOf(frame.answer.question.as_of, frame.zone);
  if (end === null || now === null) return { nothing: `${NOT_SHOWN}, or no value yet` };
  return end <= now.at ? { nothing: NOT_SHOWN } : {};
}

export function cohort({ frame, widget }: Context, label: string): FurtherDrawn {
  const [value, size] = frame.values;
  const [since, ...others] = frame.dimensions;
  if (!value || !since || others.length > 0 || frame.time === null || frame.values.length > 2)
    return {
      as: "refused",
      why: "Cohorts need a time, the dimension of the buckets since, and nothing else to split by.",
    };
  const rowOf = new Map(
    frame.rows.map((row) => [`${cellAt(row, frame.time)} ${cellAt(row, since.index)}`, row]),
  );
  const last = Math.max(0, ...frame.rows.flatMap((row) => numberOf(cellAt(row, since.index)) ?? []));
  const columns = Array.from({ length: last + 1 }, (_, number) => number);
  const first = Math.max(0, frame.buckets.length - MOST_ROWS);
  const cohorts = frame.buckets.slice(first).map((bucket, place) => {
    const rows = columns.map((number) => rowOf.get(`${bucket.key} ${number}`));
    const sizes = size ? rows.flatMap((row) => numberOf(cellAt(row, size.index)) ?? []) : [];
    return { bucket, rows, size: sizes[0] ?? null, window: windowOf(frame, first + place) };
  });
  const { unit } = value.column;
  const valueIn = (row: Cell[] | undefined): Cell => (row ? cellAt(row, value.index) : null);
  /** The first bucket says nothing where all of each cohort are in it: coloured, it would make the others pale. */
  const isGiven = cohorts.every(({ rows, size: members }) => {
    const number = numberOf(valueIn(rows[0]));
    return number === null || number === (unit === "percent" ? 1 : members);
  });
  const from = isGiven ? 1 : 0;
  const numbers = cohorts.flatMap(({ rows }) =>
    rows.slice(from).flatMap((row) => numberOf(valueIn(row)) ?? []),
  );
  const { shadeOf, key, ends } = shades(numbers, unit);
  const places = columnPlaces(numbers, unit, widget.format);
  const cellOf = (row: Cell[] | undefined, number: number, bucket: Bucket): Omit<HeatCell, "isPartial"> => {
    const held = valueIn(row);
    const told = numberOf(held);
    return {
      value: held,
      text: told === null ? null : exactText(held, unit),
      shown: told === null ? null : shortText(held, unit, widget.format, number < from ? 0 : places),
      shade: told === null || number < from ? null : shadeOf(told),
      ...(told === null ? whyNothing(frame, bucket, number) : {}),
      filters: row ? [filterOf(since.column.name, cellAt(row, since.index))] : [],
    };
  };
  return {
    as: "heat",
    heat: {
      label,
      rowHead: `First, by ${frame.grain?.replaceAll("_", " ") ?? "time"}`,
      columns: columns.map(String),
      columnsHead: since.label,
      beside: size
        ? {
            head: frame.labelOf(size),
            texts: cohorts.map((each) =>
              each.size === null ? NOTHING : exactText(each.size, size.column.unit),
            ),
          }
        : null,
      rows: cohorts.map(({ bucket, rows, window }) => ({
        name: bucket.label,
        window,
        cells: rows.map((row, number) => ({
          ...cellOf(row, number, bucket),
          isPartial: bucket.state === "cut",
        })),
      })),
      metricId: value.metricId,
      isSparse: true,
      nothing: "no value yet",
      key,
      ends,
      note: [
        frame.buckets.length > MOST_ROWS ? `the newest ${MOST_ROWS} of ${frame.buckets.length}` : "",
        frame.isCut ? "rows were left out: choose a shorter window" : "",
      ]
        .filter(Boolean)
        .join(" · "),
    },
  };
}
