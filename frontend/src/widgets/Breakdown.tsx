import type { Answer, Widget } from "@/api/types";
import { numberOf } from "@/ui/numbers";
import { rowFilters } from "./BarList";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { hue } from "./series";
import { cellAt, rowName, shapeOf } from "./shape";
import { ValueText } from "./ValueText";

interface BreakdownProps {
  answer: Answer;
  label: string;
  widget?: Widget;
  drill?: Drill;
}

/** Parts of a whole: one stacked bar and its legend with shares. */
export function Breakdown({ answer, label, widget, drill = NO_DRILL }: BreakdownProps) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return null;
  const [axis] = shape.dimensions;
  const { pick, rows } = drill;
  const parts = answer.rows.map((row, index) => ({
    row,
    name: rowName(row, shape),
    value: cellAt(row, column.index),
    size: Math.max(0, numberOf(cellAt(row, column.index)) ?? 0),
    hue: hue(index),
  }));
  const whole = parts.reduce((sum, part) => sum + part.size, 0);
  const share = (size: number) => (whole > 0 ? (size / whole) * 100 : 0);
  return (
    <div className="@container py-2">
      <div aria-hidden className="flex h-[18px] gap-0.5 overflow-hidden rounded-[5px]">
        {parts.map((part) => (
          <span key={part.name} style={{ width: `${share(part.size)}%`, background: part.hue }} />
        ))}
      </div>
      <ul aria-label={label} className="mt-2.5 grid gap-x-5 gap-y-1 @[300px]:grid-cols-2">
        {parts.map((part) => (
          <li key={part.name} className="flex min-w-0 items-center gap-2 text-soft">
            <i aria-hidden className="size-[9px] shrink-0 rounded-sm" style={{ background: part.hue }} />
            <Drillable
              label={`Filter by ${part.name}`}
              onDrill={
                pick && axis && shape.dimensions.length === 1
                  ? () => pick(axis.column.name, cellAt(part.row, axis.index))
                  : undefined
              }
              className="truncate text-left"
            >
              {part.name}
            </Drillable>
            <Drillable
              label={`Rows behind ${part.name}`}
              onDrill={rows && (() => rows(rowFilters(part.row, shape)))}
              className="ml-auto font-medium whitespace-nowrap text-ink"
            >
              {share(part.size).toFixed(share(part.size) < 9.95 ? 1 : 0)}%
              <span className="ml-1.5 font-normal text-faint">
                <ValueText value={part.value} unit={column.column.unit} widget={widget} />
              </span>
            </Drillable>
          </li>
        ))}
      </ul>
    </div>
  );
}
