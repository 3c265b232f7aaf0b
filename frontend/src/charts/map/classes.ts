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

/** What a place is that no row speaks of: where the metric counts it has none, else nothing is known of it. */
export type Absent = "none" | "no data";

/** Places that have one colour, and the lowest and highest of what they hold. */
interface PlaceClass {
  colour: string;
  low: PlacedValue;
  high: PlacedValue;
}

const CLASSES = 5;
/** With values below 0: so many each way, and what is 0. */
const EACH_WAY = 3;

/**
 * The lower bounds of so many classes, each holding about as many places: populations are so uneven that equal steps would
 * leave one dark state and fifty pale ones.
 */
function boundsOf(sizes: number[], classes: number): number[] {
  const sorted = [...sizes].sort((a, b) => a - b);
  const bounds = Array.from(
    { length: classes },
    (_, at) => sorted[Math.floor((at * sorted.length) / classes)] ?? 0,
  );
  return [...new Set(bounds)];
}

const within = (size: number, bounds: number[]): number => bounds.findLastIndex((bound) => size >= bound);

/** The palest of them is darker than paper, which is what a place has that nothing is known of. */
function shade(at: number, count: number): string {
  const share = count < 2 ? 60 : 24 + (at * 66) / (count - 1);
  return `color-mix(in oklab, var(--accent) ${Math.round(share)}%, var(--surface))`;
}

/** The colour of each place: one hue from pale to full; where a value lies below 0, two, each as far from 0 as it is dark. */
function colours(rows: PlacedValue[]): (size: number) => string {
  const sizes = rows.map(({ size }) => size);
  if (!sizes.some((size) => size < 0)) {
    const bounds = boundsOf(sizes, CLASSES);
    // Where all is 0 it is as pale as a 0 beside other values.
    const count = Math.max(bounds.length, bounds[0] === 0 ? 2 : 1);
    return (size) => shade(within(size, bounds), count);
  }
  const bounds = boundsOf(sizes.filter((size) => size !== 0).map(Math.abs), EACH_WAY);
  const step = (size: number) => within(Math.abs(size), bounds) + 1 + EACH_WAY - bounds.length;
  return (size) => `var(--d${EACH_WAY + 1 + Math.sign(size) * (size === 0 ? 0 : step(size))})`;
}

/** The classes of places, from the lowest; the amounts stand in the legend, so that colour never says it alone. */
export function classesOf(rows: PlacedValue[]): PlaceClass[] {
  const colourOf = colours(rows);
  const classes = new Map<string, PlaceClass>();
  for (const row of [...rows].sort((a, b) => a.size - b.size)) {
    const colour = colourOf(row.size);
    classes.set(colour, { colour, low: classes.get(colour)?.low ?? row, high: row });
  }
  return [...classes.values()];
}
