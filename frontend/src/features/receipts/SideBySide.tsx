import { ArrowRight } from "lucide-react";
import { useId } from "react";
import { problemOf } from "@/api/problem";
import { useReceipts, useSideBySide } from "@/api/receipts";
import type { ReceiptsCompared as Laid, Receipt, ReceiptLine } from "@/api/types";
import { exactText, several } from "@/format/numbers";
import { clockText } from "@/format/times";
import { shortId } from "@/ui/ids";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { Failure, hasFailed } from "@/widgets/Failure";

interface SideBySideProps {
  receipt: Receipt;
  onOpen: (receiptId: string) => void;
}

const lineText = (line: ReceiptLine, zone: string) =>
  [
    clockText(line.created_at, zone),
    line.value === null ? several(line.rows_returned, "row") : exactText(line.value, line.unit),
    line.backend,
  ].join(" · ");

/** Another receipt of the same metric to lay beside this one, and what the two differ in. */
export function SideBySide({ receipt, onOpen }: SideBySideProps) {
  const select = useId();
  const zone = receipt.question.window?.timezone ?? "UTC";
  const receipts = useReceipts(receipt.metric_id);
  const laid = useSideBySide(receipt.receipt_id);
  if (hasFailed(receipts)) return <Failure of={receipts} />;
  if (receipts.isPending || !receipts.data) return <LoadingLines label="Loading receipts" lines={2} />;
  const lines = receipts.data.pages
    .flatMap((page) => page.receipts)
    .filter((each) => each.receipt_id !== receipt.receipt_id && each.signature_valid);
  if (lines.length === 0) return <p className="text-soft">There is no other receipt of {receipt.label}.</p>;
  return (
    <section aria-label="Side by side" className="grid gap-2 rounded-lg border border-line bg-surface p-3">
      <label htmlFor={select} className="text-soft">
        Compare with
      </label>
      <select
        id={select}
        defaultValue=""
        disabled={laid.isPending}
        onChange={(event) => event.target.value && laid.mutate(event.target.value)}
        className="w-full min-w-0 rounded-[7px] border border-line bg-surface px-2 py-1"
      >
        <option value="">Choose a receipt…</option>
        {lines.map((line) => (
          <option key={line.receipt_id} value={line.receipt_id}>
            {lineText(line, zone)}
          </option>
        ))}
      </select>
      {receipts.hasNextPage && (
        <button
          type="button"
          className="justify-self-start text-accent underline underline-offset-2"
          onClick={() => void receipts.fetchNextPage()}
        >
          List earlier receipts
        </button>
      )}
      {laid.isPending && <LoadingLines label="Laying them side by side" lines={2} />}
      {laid.error && <Trouble sentence={problemOf(laid.error).detail} mend={problemOf(laid.error).mend} />}
      {laid.data && <Found laid={laid.data} own={receipt.receipt_id} onOpen={onOpen} />}
    </section>
  );
}

function Found({ laid, own, onOpen }: { laid: Laid; own: string; onOpen: SideBySideProps["onOpen"] }) {
  const other = laid.before.receipt_id === own ? laid.now : laid.before;
  const parts = [...new Set(laid.differences.map(({ part }) => part))];
  return (
    <div role="status" className="grid gap-2">
      {laid.text.map((sentence, at) => (
        <p key={sentence} className={at === 0 ? "font-medium" : "text-soft"}>
          {sentence}
        </p>
      ))}
      {parts.map((part) => (
        <div key={part}>
          <b className="font-medium">{part}</b>
          <ul className="grid gap-1 text-soft">
            {laid.differences
              .filter((each) => each.part === part)
              .map(({ what, before, now }) => (
                <li key={what} className="flex flex-wrap items-center gap-1.5 break-all">
                  {what}: <span title={before ?? undefined}>{shown(before)}</span>
                  <ArrowRight className="size-3 text-faint" aria-label="became" />
                  <span title={now ?? undefined}>{shown(now)}</span>
                </li>
              ))}
          </ul>
        </div>
      ))}
      <button
        type="button"
        className="justify-self-start text-accent underline underline-offset-2"
        onClick={() => onOpen(other.receipt_id)}
      >
        Open the other receipt
      </button>
    </div>
  );
}

/** What people read stays as it is; versions are shortened. */
const shown = (text: string | null) =>
  text === null ? "none" : /\s|^\D{0,12}$/.test(text) ? text : shortId(text);
