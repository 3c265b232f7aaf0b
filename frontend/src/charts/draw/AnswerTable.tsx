import { useMemo } from "react";
import type { AnswerRows, Metric } from "@/api/types";
import { classes } from "@/ui/classes";
import { TONE_TEXT } from "@/ui/tones";
import { frameOf } from "../frame";
import { type Rows, type RowsCell, rowsOf } from "../rows";
import { ChangeMark } from "./ChangeMark";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";

interface AnswerTableProps {
  answer: AnswerRows;
  metrics: Metric[];
  caption: string;
  /** Every digit, and previous values as columns of their own: for a receipt. */
  exact?: boolean;
}

interface RowsTableProps {
  rows: Rows;
  caption: string;
  drill?: Drill;
}

/** Where a cell leads. */
interface Led {
  label: string;
  run: () => void;
}

function led(cell: RowsCell, row: Rows["rows"][number], drill: Drill): Led | undefined {
  const { pick, rows } = drill;
  if (cell.pick) {
    const { dimension, value } = cell.pick;
    return pick && { label: "filter by it", run: () => pick(dimension, value) };
  }
  return rows && cell.isValue ? { label: "rows behind it", run: () => rows(row.filters) } : undefined;
}

/** An answer as rows, whatever its widget, if it has one. */
export function AnswerTable({ answer, metrics, caption, exact = false }: AnswerTableProps) {
  const rows = useMemo(() => rowsOf(frameOf(answer, metrics), { exact }), [answer, metrics, exact]);
  return <RowsTable rows={rows} caption={caption} />;
}

/** Rows as rows. On a tile figures are short and carry their change; in a receipt they keep every digit. */
export function RowsTable({ rows: shown, caption, drill = NO_DRILL }: RowsTableProps) {
  const head = "sticky top-0 bg-inherit py-1 font-normal text-mark text-faint";
  return (
    <table className="w-full border-collapse bg-inherit">
      <caption className="sr-only">{caption}</caption>
      <thead className="bg-inherit">
        <tr className="border-line border-b bg-inherit">
          {shown.columns.map((column) => (
            <th
              key={column.name}
              scope="col"
              className={classes(head, column.isFigure ? "text-right" : "text-left", "pr-3 last:pr-0")}
            >
              {column.label}
            </th>
          ))}
          {shown.changes.map((name) => (
            <th key={name} scope="col" className={classes(head, "pl-3 text-right whitespace-nowrap")}>
              {shown.against}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.rows.map((row, rowIndex) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place in the answer.
          <tr key={rowIndex} className="border-line/70 border-b last:border-b-0">
            {row.cells.map((cell, index) => {
              const column = shown.columns[index];
              const further = led(cell, row, drill);
              return (
                <td
                  key={column?.name}
                  className={classes(
                    "py-[4.5px] pr-3 last:pr-0 [overflow-wrap:anywhere]",
                    column?.isFigure && "text-right whitespace-nowrap",
                    cell.tone && TONE_TEXT[cell.tone],
                  )}
                  title={cell.title}
                >
                  <Drillable label={further?.label ?? ""} onDrill={further?.run} className="text-left">
                    <bdi>{cell.text}</bdi>
                  </Drillable>
                </td>
              );
            })}
            {row.changes.map(({ name, ...change }) => (
              <td key={name} className="py-[4.5px] pl-3 text-right whitespace-nowrap">
                <ChangeMark {...change} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
