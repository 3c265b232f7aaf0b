import type { Answer, Cell } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { cellAt, columnsOf } from "../columns";

/** What a place holds; its name is the key of the place on its map. */
export interface PlacedValue {
  name: string;
  value: Cell;
  size: number;
}

export interface StateRow extends PlacedValue {
  previous: Cell;
}

export const CLASSES = 5;

export function stateRows(answer: Answer): StateRow[] {
  const shape = columnsOf(answer);
  const column = shape.values[0];
  const place = shape.dimensions[0];
  if (!column || !place) return [];
  return answer.rows
    .map((row) => ({
      name: String(cellAt(row, place.index) ?? ""),
      value: cellAt(row, column.index),
      previous: cellAt(row, column.previous),
      size: numberOf(cellAt(row, column.index)) ?? 0,
    }))
    .filter((row) => row.name !== "");
}

/**
 * The lower bounds of the classes, each holding about as many states: populations are so uneven that equal steps would
 * leave one dark state and fifty pale ones.
 */
export function classBounds(rows: PlacedValue[]): number[] {
  const sizes = rows.map((row) => row.size).sort((a, b) => a - b);
  const bounds = Array.from(
    { length: CLASSES },
    (_, index) => sizes[Math.floor((index * sizes.length) / CLASSES)] ?? 0,
  );
  return [...new Set(bounds)];
}

/** Which class a size falls into, counted from the palest. */
export const classOf = (size: number, bounds: number[]): number =>
  Math.max(
    0,
    bounds.findLastIndex((bound) => size >= bound),
  );

/** One hue from pale to full; the amounts stand in the legend, so that colour never says it alone. */
export const classColour = (index: number, count: number): string => {
  const share = count < 2 ? 60 : 14 + (index * 76) / (count - 1);
  return `color-mix(in oklab, var(--accent) ${Math.round(share)}%, var(--surface))`;
};
