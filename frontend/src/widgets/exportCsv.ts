/** An answer as CSV: every digit that travelled, and in each row the receipt that it can be checked by. */
import type { Answer, Cell } from "@/api/types";

/** A text that a spreadsheet would take for a formula is marked as text; numbers stay as they are. */
function cellText(value: Cell): string {
  if (value === null) return "";
  const text = String(value);
  const isNumber = /^-?\d+(\.\d+)?$/.test(text);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function answerCsv(answer: Answer): string {
  const { receipt_id } = answer.provenance;
  const head = [...answer.columns.map((column) => column.name), "receipt_id"];
  const rows = answer.rows.map((row) => [...row, receipt_id]);
  return `${[head, ...rows].map((row) => row.map(cellText).join(",")).join("\r\n")}\r\n`;
}
