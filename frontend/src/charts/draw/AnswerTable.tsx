import { useMemo } from "react";
import type { AnswerRows, Metric } from "@/api/types";
import { frameOf } from "../frame";
import { rowsOf } from "../rows";
import { RowsTable } from "./RowsTable";

interface AnswerTableProps {
  answer: AnswerRows;
  metrics: Metric[];
  caption: string;
  /** Every digit, and previous values as columns of their own: for a receipt. */
  exact?: boolean;
}

/** An answer as rows, whatever its widget, if it has one. */
export function AnswerTable({ answer, metrics, caption, exact = false }: AnswerTableProps) {
  const rows = useMemo(() => rowsOf(frameOf(answer, metrics), { exact }), [answer, metrics, exact]);
  return <RowsTable rows={rows} caption={caption} />;
}
