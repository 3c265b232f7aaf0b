/** Rows in another order than they came in, and a page of them. */
import type { Cell } from "@/api/types";
import { numberOf } from "@/format/numbers";
import type { Rows } from "./rows";

export interface Order {
  column: number;
  isDescending: boolean;
}

export const PAGE = 50;

/** Figures begin with the largest, names with the first; once more the other way, and then as they came. */
export function nextOrder(held: Order | null, column: number, isFigure: boolean): Order | null {
  if (held?.column !== column) return { column, isDescending: isFigure };
  return held.isDescending === isFigure ? { column, isDescending: !isFigure } : null;
}

const WHOLE = /^-?\d+$/;
const INSTANT = /^\d{4,}-\d\d-\d\dT[\d:.]+Z$/;

const sign = <T>(a: T, b: T) => Number(a > b) - Number(a < b);

/** Whole numbers that are one number as doubles. */
const compareWhole = (a: string, b: string) =>
  WHOLE.test(a) && WHOLE.test(b) ? sign(BigInt(a), BigInt(b)) : 0;

function compare(a: Cell, b: Cell): number {
  const [one, other] = [numberOf(a), numberOf(b)];
  const [text, otherText] = [String(a), String(b)];
  if (one !== null && other !== null) return one - other || compareWhole(text, otherText);
  // Without its Z, a whole second comes before its fractions.
  if (INSTANT.test(text) && INSTANT.test(otherText)) return sign(text.slice(0, -1), otherText.slice(0, -1));
  return text.localeCompare(otherText);
}

/** No value stands last, whichever way. Equal ones stay as they came. */
export function ordered(rows: Rows["rows"], order: Order | null): Rows["rows"] {
  if (!order) return rows;
  // All others are no group: they stand behind every one of them.
  const rawOf = (row: Rows["rows"][number]): Cell => row.cells[order.column]?.raw ?? null;
  return [...rows].sort((a, b) => {
    if (a.isOfRest || b.isOfRest) return Number(a.isOfRest) - Number(b.isOfRest);
    const [one, other] = [rawOf(a), rawOf(b)];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return order.isDescending ? compare(other, one) : compare(one, other);
  });
}
