import type { Answer, Cell, Widget } from "@/api/types";
import { classes } from "@/ui/classes";
import { numberOf } from "@/ui/numbers";
import { TONE_FILL, toneOf } from "@/ui/tones";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { filterOf } from "./filters";
import { SeriesBars } from "./SeriesBars";
import { seriesOf } from "./series";
import { cellAt, rowName, type Shape, shapeOf } from "./shape";
import { ValueText } from "./ValueText";

interface BarListProps {
  answer: Answer;
  label: string;
  widget?: Widget;
  drill?: Drill;
}

/** Every condition that a row stands for. */
export const rowFilters = (row: Cell[], shape: Shape) =>
  shape.dimensions.map(({ column, index }) => filterOf(column.name, cellAt(row, index)));

/** Horizontal bars, the largest setting the scale. A list, so that it reads as one. */
export function BarList({ answer, label, widget, drill = NO_DRILL }: BarListProps) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return null;
  const series = widget && seriesOf(widget, answer);
  if (series)
    return <SeriesBars answer={answer} series={series} widget={widget} label={label} drill={drill} />;
  const sizes = answer.rows.map((row) => Math.abs(numberOf(cellAt(row, column.index)) ?? 0));
  const largest = Math.max(...sizes, 0) || 1;
  const [axis] = shape.dimensions;
  const { pick, rows } = drill;
  return (
    <ul
      aria-label={label}
      className="grid h-full auto-rows-[minmax(25px,38px)] grid-cols-[fit-content(40%)_minmax(0,1fr)_auto] content-start gap-x-3 py-1"
    >
      {answer.rows.map((row, index) => {
        const value = cellAt(row, column.index);
        const name = rowName(row, shape);
        const tone = toneOf(value, widget?.thresholds);
        const bar = (
          <>
            <span className="truncate text-soft" title={name}>
              {name}
            </span>
            <span aria-hidden className="h-4 rounded bg-sunken">
              <span
                className={classes("block h-full rounded opacity-85", tone ? TONE_FILL[tone] : "bg-accent")}
                style={{ width: `${((sizes[index] ?? 0) / largest) * 100}%` }}
              />
            </span>
          </>
        );
        return (
          <li key={name} className="col-span-3 grid grid-cols-subgrid items-center">
            {pick && axis && shape.dimensions.length === 1 ? (
              <button
                type="button"
                title={`Filter by ${name}`}
                onClick={() => pick(axis.column.name, cellAt(row, axis.index))}
                className="col-span-2 grid grid-cols-subgrid items-center rounded text-left hover:[&>span]:text-ink"
              >
                {bar}
              </button>
            ) : (
              bar
            )}
            <Drillable
              label={`Rows behind ${name}`}
              onDrill={rows && (() => rows(rowFilters(row, shape)))}
              className="text-right font-medium"
            >
              <ValueText value={value} unit={column.column.unit} widget={widget} />
            </Drillable>
          </li>
        );
      })}
    </ul>
  );
}
