import { shortId } from "@/ui/ids";

interface ReceiptFootProps {
  /** What the receipt is of, and its id. */
  of: string;
  id: string;
  receipt: { receipt_id: string; signature: string; signature_valid: boolean };
}

/** At the foot of every receipt: what it is of, its own id, and whether it is as it was signed. */
export function ReceiptFoot({ of, id, receipt }: ReceiptFootProps) {
  return (
    <p className="mt-auto pt-3 text-axis text-faint">
      {of} <span title={id}>{shortId(id)}</span> · receipt{" "}
      <span title={receipt.receipt_id}>{shortId(receipt.receipt_id)}</span> ·{" "}
      {receipt.signature_valid ? (
        <span title={receipt.signature}>signature valid</span>
      ) : (
        <strong className="font-medium text-bad">signature does not match: this receipt was altered</strong>
      )}
    </p>
  );
}
