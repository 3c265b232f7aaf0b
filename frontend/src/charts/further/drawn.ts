/** What the kinds that come later come to, beside figures, rows and charts. */
import type { Cell, Filter, WindowChoice } from "@/api/types";
import type { Absent, PlacedValue } from "../map/classes";
import type { AtlasName, Spot } from "../map/PlaceMap";
import type { Hue, Plan, Scale } from "../plan";

/** A colour of a scale: `s` from little to much, `d` to both sides of 0. */
export type Shade = `${"s" | "d"}${1 | 2 | 3 | 4 | 5 | 6 | 7}`;

/** What stands for a figure of fewer rows than may be shown. */
export const NOT_SHOWN = "not shown: too few";

export interface HeatCell {
  value: Cell;
  /** As it reads, to the last digit; null where there is no data. */
  text: string | null;
  /** What is written in it, where its colour is not all that is seen. */
  shown: string | null;
  shade: Shade | null;
  /** What it reads without a value, where that is not what the others read. */
  nothing?: string;
  /** Cut by the window, or still running. */
  isPartial: boolean;
  filters: Filter[];
}

/** Cells by row and column, as dark as their values. */
export interface Heat {
  label: string;
  rowHead: string;
  columns: string[];
  /** What the names of the columns are, where they do not say it themselves. */
  columnsHead: string | null;
  /** A number for each row, in front of its cells. */
  beside: { head: string; texts: string[] } | null;
  /** `window`: in which the rows behind its cells lie, where it is not the question's. */
  rows: { name: string; window: WindowChoice | undefined; cells: HeatCell[] }[];
  /** Of which metric the cells are, where there is another beside it. */
  metricId: string | undefined;
  /** Cells without a value are left empty: what they would hold has not come. Those that say why they have none are not. */
  isSparse: boolean;
  /** What cells read that have no value. */
  nothing: string;
  /** What the colours stand for, from the lowest. */
  key: { shade: Shade; text: string }[];
  /** Where the colours begin and end. */
  ends: [string, string] | null;
  note: string | null;
}

interface PivotCell {
  text: string;
  title: string | undefined;
  filters: Filter[];
}

/** Rows by the values of a column: one cell for each pair, and sums where there are any. */
export interface Pivot {
  label: string;
  rowHeads: string[];
  columns: string[];
  rows: { names: string[]; cells: PivotCell[]; total: string | null }[];
  /** What each column comes to; null: it does not add up. */
  totals: (string | null)[];
  /** What everything comes to. */
  grand: string | null;
  totalLabel: string;
  /** Whether columns have totals, and whether rows have: several metrics have no total together. */
  addsUp: boolean;
  addsUpAcross: boolean;
  note: string | null;
}

export interface Point {
  name: string;
  x: number;
  y: number;
  hue: Hue;
  /** As they read, to the last digit. */
  texts: [string, string];
  filters: Filter[];
}

export interface Axis extends Scale {
  name: string;
}

/** Each row at its two values. */
export interface Points {
  label: string;
  x: Axis;
  y: Axis;
  points: Point[];
  legend: { name: string; hue: Hue }[];
  note: string | null;
  sentence: string;
}

/** Values of places that the map has, by their keys on it; or of points. */
export interface Places {
  label: string;
  on: AtlasName;
  spots: Spot[];
  dimension: string;
  /** The raw value that each place was found by. */
  raw: ReadonlyMap<string, Cell>;
  rows: PlacedValue[];
  absent: Absent;
  unit: string | null;
  note: string | null;
}

export type FurtherDrawn =
  | { as: "chart"; plan: Plan }
  | { as: "several"; plans: Plan[]; note: string | null }
  | { as: "heat"; heat: Heat }
  | { as: "pivot"; pivot: Pivot }
  | { as: "points"; points: Points }
  | { as: "map"; places: Places }
  /** Why this kind cannot show this answer. */
  | { as: "refused"; why: string };
