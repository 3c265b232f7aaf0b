import type { AnswerRows, Cell, Column, Metric, Widget } from "@/api/types";
import { classes } from "@/ui/classes";
import { exactText, shortText } from "@/ui/numbers";
import { bucketText } from "@/ui/times";
import { TONE_TEXT, toneOf } from "@/ui/tones";
import { comparedWith } from "@/ui/windows";
import { rowFilters } from "./BarList";
import { ChangeMark } from "./ChangeMark";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { cellAt, dimensionText, humanName, shapeOf } from "./shape";

interface AnswerTableProps {
  answer: AnswerRows;
  metrics: Metric[];
  caption: string;
  /** Every digit, and previous values as columns of their own: for a receipt. */
  exact?: boolean;
  widget?: Widget;
  drill?: Drill;
}

export function columnLabel(column: Column, answer: AnswerRows, metrics: Metric[]): string {
  const metric = metrics.find((each) => each.metric_id === (column.metric_id ?? answer.metric_id));
  if (column.role === "time") return humanName(answer.question.grain ?? "time");
  if (column.role === "dimension") {
    const labelled = metrics.flatMap((each) => each.dimensions).find((each) => each.name === column.name);
    return labelled?.label ?? humanName(column.name);
  }
  const label = metric?.label ?? humanName(column.name);
  return column.role === "previous" ? `${label}, before` : label;
}

function cellText(
  column: Column,
  value: Cell,
  answer: AnswerRows,
  exact: boolean,
  format: Widget["format"],
): string {
  if (column.role === "time")
    return exact
      ? String(value)
      : bucketText(String(value), answer.question.grain, answer.question.window?.timezone ?? "UTC");
  if (column.role === "dimension") return exact && value !== null ? String(value) : dimensionText(value);
  return exact ? exactText(value, column.unit) : shortText(value, column.unit, format);
}

/** Where a cell leads. */
interface Led {
  label: string;
  run: () => void;
}

const isFigure = (column: Column) => column.role === "value" || column.role === "previous";

/** Rows as rows. On a tile figures are short and carry their change; in a receipt they keep every digit. */
export function AnswerTable({
  answer,
  metrics,
  caption,
  exact = false,
  widget,
  drill = NO_DRILL,
}: AnswerTableProps) {
  const shape = shapeOf(answer);
  const { pick, rows } = drill;
  const led = (column: Column, row: Cell[], index: number): Led | undefined => {
    const value = cellAt(row, index);
    if (column.role === "dimension")
      return pick && { label: "filter by it", run: () => pick(column.name, value) };
    return rows && column.role === "value"
      ? { label: "rows behind it", run: () => rows(rowFilters(row, shape)) }
      : undefined;
  };
  const shown = answer.columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => exact || column.role !== "previous");
  const compared = exact ? [] : shape.values.filter((value) => value.previous !== null);
  const against = comparedWith(answer.question);
  const head = "sticky top-0 bg-inherit py-1 font-normal text-[11.5px] text-faint";
  return (
    <table className="w-full border-collapse bg-inherit">
      <caption className="sr-only">{caption}</caption>
      <thead className="bg-inherit">
        <tr className="border-line border-b bg-inherit">
          {shown.map(({ column }) => (
            <th
              key={column.name}
              scope="col"
              className={classes(head, isFigure(column) ? "text-right" : "text-left", "pr-3 last:pr-0")}
            >
              {columnLabel(column, answer, metrics)}
            </th>
          ))}
          {compared.map(({ column }) => (
            <th key={column.name} scope="col" className={classes(head, "pl-3 text-right whitespace-nowrap")}>
              {against}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {answer.rows.map((row, rowIndex) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place in the answer.
          <tr key={rowIndex} className="border-line/70 border-b last:border-b-0">
            {shown.map(({ column, index }) => {
              const value = cellAt(row, index);
              const tone = column.role === "value" ? toneOf(value, widget?.thresholds) : null;
              const further = exact ? undefined : led(column, row, index);
              return (
                <td
                  key={column.name}
                  className={classes(
                    "py-[4.5px] pr-3 last:pr-0 [overflow-wrap:anywhere]",
                    isFigure(column) && "text-right whitespace-nowrap",
                    tone && TONE_TEXT[tone],
                  )}
                  title={isFigure(column) ? exactText(value, column.unit) : undefined}
                >
                  <Drillable label={further?.label ?? ""} onDrill={further?.run} className="text-left">
                    {cellText(column, value, answer, exact, widget?.format)}
                  </Drillable>
                </td>
              );
            })}
            {compared.map((value) => (
              <td key={value.column.name} className="py-[4.5px] pl-3 text-right whitespace-nowrap">
                <ChangeMark
                  value={cellAt(row, value.index)}
                  previous={cellAt(row, value.previous)}
                  unit={value.column.unit}
                  direction={
                    metrics.find((each) => each.metric_id === value.metricId)?.direction ?? "neutral"
                  }
                />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
