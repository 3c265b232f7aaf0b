import { useMetrics } from "@/api/metrics";
import type { Receipt } from "@/api/types";
import { cellAt, columnsOf } from "@/charts/columns";
import { AnswerTable } from "@/charts/draw/AnswerTable";
import { exactText, several } from "@/format/numbers";

/** The value as it was given: one exact figure, or its rows. */
export function ReceiptValue({ receipt }: { receipt: Receipt }) {
  const metrics = useMetrics().data ?? [];
  const shape = columnsOf(receipt);
  const first = shape.values[0];
  if (
    receipt.rows.length === 1 &&
    shape.dimensions.length === 0 &&
    shape.time === null &&
    shape.values.length === 1 &&
    first
  ) {
    const row = receipt.rows[0];
    const figure = exactText(cellAt(row, first.index), first.column.unit);
    // As wide as the paper, so that no digit goes to another line: one takes some 0.6 of the type's size.
    const fits = `clamp(0.7rem, ${Math.floor(160 / figure.length)}cqi, 1.923rem)`;
    return (
      <div className="@container">
        <p
          className="my-0.5 leading-tight font-semibold tracking-[-.02em] [overflow-wrap:anywhere]"
          style={{ fontSize: fits }}
        >
          {figure}
        </p>
        {first.previous !== null && cellAt(row, first.previous) !== null && (
          <p className="text-soft">before: {exactText(cellAt(row, first.previous), first.column.unit)}</p>
        )}
      </div>
    );
  }
  return (
    <details className="my-1">
      <summary className="text-title font-semibold tracking-[-.01em]">
        {several(receipt.rows_returned, "row")}
      </summary>
      <div className="mt-1 max-h-72 overflow-y-auto bg-paper text-small">
        <AnswerTable answer={receipt} metrics={metrics} caption="The rows of this receipt" exact />
        {receipt.rows.length < receipt.rows_returned && (
          <p className="py-1 text-faint">The first {receipt.rows.length} are kept with the receipt.</p>
        )}
        {receipt.folded && <p className="py-1 text-faint">{receipt.folded.sentence}</p>}
        {receipt.truncated && <p className="py-1 text-stale">The answer was cut at its row limit.</p>}
      </div>
    </details>
  );
}
