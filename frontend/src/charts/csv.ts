/** An answer as CSV: every digit that travelled, and in each row the receipt that it can be checked by. */
import type { Answer, Cell, Column } from "@/api/types";
import { parseDecimal, plainText } from "@/format/decimal";

/** Spreadsheets take a file for UTF-8 only where it begins with this. */
const BYTE_ORDER_MARK = "\ufeff";
/** What a spreadsheet may take for a formula, also behind blanks that it skips, and in full width. */
const FORMULA = /^[\s\p{Cc}\p{DI}]*[=+\-@＝＋－＠]|^[\t\r\n]/u;
/** Excel reads the outer blanks of a bare field as none. */
const QUOTED = /[",;\n\r\t]|^\s|\s$/;
const NUMBERS = new Set(["integer", "decimal", "double"]);

/** No value is an empty field, an empty text is two quotes: they are told apart. */
function fieldOf(value: Cell, isNumber: boolean): string {
  if (value === null) return "";
  if (value === "") return '""';
  const text = String(value);
  const decimal = parseDecimal(text);
  if (isNumber && decimal) return plainText(decimal);
  const safe = !isNumber && !decimal && FORMULA.test(text) ? `'${text}` : text;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function answerCsv(answer: Answer): string {
  const { receipt_id } = answer.provenance;
  const isNumber = (column: Column | undefined) => column !== undefined && NUMBERS.has(column.type);
  const head = [...answer.columns.map(({ name }) => fieldOf(name, false)), "receipt_id"];
  const rows = answer.rows.map((row) => [
    ...row.map((value, index) => fieldOf(value, isNumber(answer.columns[index]))),
    fieldOf(receipt_id, false),
  ]);
  return `${BYTE_ORDER_MARK}${[head, ...rows].map((row) => row.join(",")).join("\r\n")}\r\n`;
}
