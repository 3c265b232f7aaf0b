/** Which of an answer's dimensions is told apart by colour, and which is the axis. */
import type { Answer, Cell, Widget } from "@/api/types";
import { cellAt, dimensionText, type Shape, shapeOf } from "./shape";

export const HUES = 8;
export const hue = (index: number) => `var(--mix-${(index % HUES) + 1})`;

export interface Part {
  row: Cell[];
  /** The value of the dimension that is told apart by colour. */
  name: string;
  hue: string;
  value: Cell;
}

export interface Group {
  name: string;
  row: Cell[];
  parts: Part[];
}

export interface Series {
  /** By colour, in the order in which they come. */
  legend: { name: string; hue: string }[];
  groups: Group[];
}

/** The column of the dimension that is told apart by colour: the one the widget names, else the last. */
export function seriesColumn(widget: Pick<Widget, "series">, shape: Shape): number | null {
  const named = shape.dimensions.find(({ column }) => column.name === widget.series);
  return (named ?? shape.dimensions.at(-1))?.index ?? null;
}

/** Rows of two dimensions as groups of parts; null where there is nothing to group, or more than the colours tell apart. */
export function seriesOf(widget: Widget, answer: Answer): Series | null {
  const shape = shapeOf(answer);
  const value = shape.values[0];
  const by = seriesColumn(widget, shape);
  if (!value || by === null || shape.dimensions.length < 2) return null;
  const axis = shape.dimensions.filter(({ index }) => index !== by);
  const names = [...new Set(answer.rows.map((row) => dimensionText(cellAt(row, by))))];
  if (names.length > HUES) return null;
  const groups = new Map<string, Group>();
  for (const row of answer.rows) {
    const name = axis.map(({ index }) => dimensionText(cellAt(row, index))).join(" · ");
    const group = groups.get(name) ?? { name, row, parts: [] };
    const part = dimensionText(cellAt(row, by));
    group.parts.push({ row, name: part, hue: hue(names.indexOf(part)), value: cellAt(row, value.index) });
    groups.set(name, group);
  }
  return { legend: names.map((name, index) => ({ name, hue: hue(index) })), groups: [...groups.values()] };
}
