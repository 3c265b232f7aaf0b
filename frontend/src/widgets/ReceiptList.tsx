import type { ReceiptLine } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { exactText, roundedText, several } from "@/format/numbers";
import { shortId } from "@/ui/ids";
import { Age, Moment } from "./Age";
import { BackendMark } from "./BackendMark";
import { useOpenReceipt } from "./useOpenReceipt";

interface ReceiptListProps {
  lines: ReceiptLine[];
  withMetric?: boolean;
}

const valueText = ({ value, unit, rows_returned: rows }: ReceiptLine) =>
  value === null ? several(rows, "row") : roundedText(value, unit);

/** Receipts as lines; each opens beside the page. */
export function ReceiptList({ lines, withMetric = false }: ReceiptListProps) {
  const { open, receiptId } = useOpenReceipt();
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  return (
    <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
      {lines.map((line) => (
        <li key={line.receipt_id} className="border-line border-b last:border-b-0">
          <button
            type="button"
            onClick={() => open(line.receipt_id)}
            aria-current={line.receipt_id === receiptId || undefined}
            className="grid w-full grid-cols-[minmax(0,1fr)_auto] items-baseline gap-x-4 gap-y-0.5 px-3.5 py-2 text-left -outline-offset-2 hover:bg-sunken aria-[current]:bg-accent-soft md:grid-cols-[minmax(0,1.6fr)_minmax(0,1.2fr)_8.462rem_14.615rem_13.077rem]"
          >
            <span className="min-w-0 truncate font-medium">
              {withMetric ? line.label : shortId(line.receipt_id)}
            </span>
            <span
              className="truncate text-right font-medium md:text-left"
              title={
                line.signature_valid && line.value !== null ? exactText(line.value, line.unit) : undefined
              }
            >
              {line.signature_valid ? (
                valueText(line)
              ) : (
                <strong className="text-bad">altered after it was signed</strong>
              )}
            </span>
            <span className="text-soft">
              {line.backend && <BackendMark backend={line.backend} driver={line.driver} />}
            </span>
            <span className="text-right text-soft md:text-left" title={line.created_at}>
              <Moment at={line.created_at} zone={timezone} />
              <span className="text-faint">
                {" "}
                · <Age at={line.created_at} /> ago
              </span>
            </span>
            <span className="hidden truncate text-faint md:block" title={line.data_version}>
              route {line.route_epoch} · {withMetric ? shortId(line.receipt_id) : shortId(line.data_version)}
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}
