import type { Answer } from "@/api/types";
import { exactText, numberOf, shortText } from "@/ui/numbers";
import { cellAt, rowName, shapeOf } from "./shape";

/** Horizontal bars, the largest setting the scale. A list, so that it reads as one. */
export function BarList({ answer, label }: { answer: Answer; label: string }) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return null;
  const sizes = answer.rows.map((row) => Math.abs(numberOf(cellAt(row, column.index)) ?? 0));
  const largest = Math.max(...sizes, 0) || 1;
  return (
    <ul
      aria-label={label}
      className="grid h-full auto-rows-[minmax(25px,38px)] grid-cols-[fit-content(40%)_minmax(0,1fr)_auto] content-start gap-x-3 py-1"
    >
      {answer.rows.map((row, index) => {
        const value = cellAt(row, column.index);
        const name = rowName(row, shape);
        return (
          <li key={name} className="col-span-3 grid grid-cols-subgrid items-center">
            <span className="truncate text-soft" title={name}>
              {name}
            </span>
            <span aria-hidden className="h-4 rounded bg-sunken">
              <span
                className="block h-full rounded bg-accent opacity-85"
                style={{ width: `${((sizes[index] ?? 0) / largest) * 100}%` }}
              />
            </span>
            <b className="text-right font-medium" title={exactText(value, column.column.unit)}>
              {shortText(value, column.column.unit)}
            </b>
          </li>
        );
      })}
    </ul>
  );
}
