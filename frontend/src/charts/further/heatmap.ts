/** Cells as dark as their values: by two things, or hours by weekday as an average over the weeks of a window. */
import type { Cell } from "@/api/types";
import { exactText, fixed, numberOf } from "@/format/numbers";
import type { ValueColumn } from "../columns";
import { cellByBucket, doesAddUp, type Frame } from "../frame";
import type { Context } from "../plan";
import { extremes } from "../scale";
import { rowFilters, type Split, seriesDimension, split } from "../split";
import { type FurtherDrawn, type Heat, type HeatCell, NOT_SHOWN } from "./drawn";
import { shades } from "./shades";

const MOST_COLUMNS = 60;
const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function finished(
  frame: Frame,
  value: ValueColumn,
  rows: { name: string; cells: Omit<HeatCell, "shade" | "text" | "shown">[] }[],
): Omit<Heat, "label" | "rowHead" | "columns" | "note"> {
  const { unit } = value.column;
  const numbers = rows.flatMap(({ cells }) => cells.flatMap((cell) => numberOf(cell.value) ?? []));
  const { shadeOf, key, ends } = shades(numbers, unit);
  return {
    columnsHead: null,
    beside: null,
    isSparse: false,
    // Where small groups are not shown, nobody is told whether there is anything.
    nothing: frame.answer.folded ? NOT_SHOWN : "no data",
    metricId: undefined,
    key,
    ends,
    rows: rows.map(({ name, cells }) => ({
      name,
      window: undefined,
      cells: cells.map((cell) => {
        const number = numberOf(cell.value);
        return {
          ...cell,
          text: cell.value === null ? null : exactText(cell.value, unit),
          shown: null,
          shade: number === null ? null : shadeOf(number),
        };
      }),
    })),
  };
}

/** Each hour of the week: what its hours hold on average. Only of what adds up, and of whole hours. */
function byWeek(frame: Frame, value: ValueColumn, label: string): FurtherDrawn {
  if (!doesAddUp(frame, value.metricId) || frame.isCut)
    return {
      as: "refused",
      why: frame.isCut
        ? "Rows were left out, so hours cannot be averaged over the weeks. Choose a shorter window."
        : "Hours by weekday are averaged over the weeks, and this metric does not add up.",
    };
  const cellOf = cellByBucket(frame, value);
  const held = WEEKDAYS.map(() => Array.from({ length: 24 }, () => ({ sum: 0, count: 0 })));
  for (const { key, wall, state } of frame.buckets) {
    if (!wall || state !== "whole") continue;
    const moment = new Date(wall.at);
    const slot = held[(moment.getUTCDay() + 6) % 7]?.[moment.getUTCHours()];
    const number = numberOf(cellOf(key));
    if (!slot || number === null) continue;
    slot.sum += number;
    slot.count += 1;
  }
  const counts = held.flat().map(({ count }) => count);
  const [fewest, most] = extremes(counts);
  const rows = held.map((hours, day) => ({
    name: WEEKDAYS[day] ?? "",
    cells: hours.map(({ sum, count }) => ({
      value: count === 0 ? null : Number((sum / count).toPrecision(6)),
      isPartial: false,
      filters: [],
    })),
  }));
  const weeks = fewest === most ? fixed(most, 0) : `${fixed(fewest, 0)} to ${fixed(most, 0)}`;
  const heat: Heat = {
    label,
    rowHead: "Weekday",
    columns: Array.from({ length: 24 }, (_, hour) => String(hour)),
    ...finished(frame, value, rows),
    note: `average an hour, of ${weeks} whole hours each · hours in ${frame.zone}`,
  };
  return { as: "heat", heat };
}

function cellsOf(parts: Split, frame: Frame, series: number): Omit<HeatCell, "shade" | "text" | "shown">[] {
  return parts.bands.map(({ state }, band) => {
    const value: Cell = parts.cellOf(series, band);
    return { value, isPartial: state !== "whole", filters: rowFilters(parts.rowOf(series, band), frame) };
  });
}

export function heatmap({ frame, widget }: Context, label: string): FurtherDrawn {
  const [value] = frame.values;
  if (!value || frame.values.length > 1) return { as: "refused", why: "A heat map shows one metric." };
  if (frame.grain === "hour" && frame.dimensions.length === 0) return byWeek(frame, value, label);
  const down = seriesDimension(widget, frame);
  const axis = frame.dimensions.filter((each) => each !== down);
  if (!down || (frame.time === null ? axis.length !== 1 : axis.length > 0))
    return { as: "refused", why: "A heat map needs two things to split by, one and a time, or hours alone." };
  const parts = split(frame, {
    axis: frame.time === null ? axis : null,
    by: [down],
    values: [value],
    withBefore: false,
  });
  const first = Math.max(0, frame.time === null ? 0 : parts.bands.length - MOST_COLUMNS);
  const last = frame.time === null ? MOST_COLUMNS : parts.bands.length;
  const rows = parts.series.map(({ name }, series) => ({
    name,
    cells: cellsOf(parts, frame, series).slice(first, last),
  }));
  const count = parts.bands.length;
  const heat: Heat = {
    label,
    rowHead: down.label,
    columns: parts.bands.slice(first, last).map((band) => band.label),
    ...finished(frame, value, rows),
    note: count > MOST_COLUMNS ? `${MOST_COLUMNS} of ${fixed(count, 0)} columns` : null,
  };
  return { as: "heat", heat };
}
