import { ArrowRight, Check, TriangleAlert } from "lucide-react";
import { problemOf } from "@/api/problem";
import type { Column, Receipt, Replay } from "@/api/types";
import { cellAt } from "@/charts/columns";
import { exactText } from "@/format/numbers";
import { shortId } from "@/ui/ids";
import { Trouble } from "@/ui/Trouble";

interface ReplayResultProps {
  receipt: Receipt;
  replay: Replay | undefined;
  error: Error | null;
  onOpen: (receiptId: string) => void;
}

/** The one figure of rows that are one figure. */
function single(rows: Replay["now"]["rows"], columns: Column[]): string | null {
  const index = columns.findIndex((column) => column.role === "value");
  const column = columns[index];
  return rows.length === 1 && column ? exactText(cellAt(rows[0], index), column.unit) : null;
}

/** What a replay found: which of the four inputs moved, and whether the value is the same. */
export function ReplayResult({ receipt, replay, error, onOpen }: ReplayResultProps) {
  if (error) return <Trouble sentence={problemOf(error).detail} mend={problemOf(error).mend} />;
  if (!replay) return null;
  const before = single(replay.then.rows, receipt.columns);
  const now = single(replay.now.rows, receipt.columns);
  const Icon = replay.same_value ? Check : TriangleAlert;
  return (
    <section
      role="status"
      aria-label="Replay"
      className="grid gap-2 rounded-lg border border-line bg-surface p-3"
    >
      <p className="flex gap-2 font-medium">
        <Icon
          className={
            replay.same_value ? "mt-0.5 size-4 shrink-0 text-good" : "mt-0.5 size-4 shrink-0 text-stale"
          }
          aria-hidden
        />
        {replay.sentence}
      </p>
      {replay.moved.length > 0 && (
        <ul className="grid gap-1 text-soft">
          {replay.moved.map((moved) => (
            <li key={moved.part} className="flex flex-wrap items-center gap-1.5">
              <b className="font-medium text-ink">{moved.part}</b>
              <span title={moved.from}>{shortId(moved.from)}</span>
              <ArrowRight className="size-3 text-faint" aria-label="is now" />
              <span title={moved.to}>{shortId(moved.to)}</span>
            </li>
          ))}
        </ul>
      )}
      {!replay.same_value && before && now && (
        <p className="text-soft">
          Then <b className="font-medium text-ink">{before}</b>, now{" "}
          <b className="font-medium text-ink">{now}</b>.
        </p>
      )}
      {replay.now.receipt_id !== receipt.receipt_id && (
        <button
          type="button"
          className="justify-self-start text-accent underline underline-offset-2"
          onClick={() => onOpen(replay.now.receipt_id)}
        >
          Open the receipt of now
        </button>
      )}
    </section>
  );
}
