import { Check, ReceiptText, RefreshCw, Undo2, X } from "lucide-react";
import { useMay } from "@/api/session";
import type { Recommendation } from "@/api/types";
import { serverNow } from "@/api/workspace";
import { exactText } from "@/format/numbers";
import { Button, IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { useNow } from "@/ui/useNow";
import { useAge } from "@/widgets/useAge";
import { useOpenReceipt } from "@/widgets/useOpenReceipt";
import { MONEY, saves } from "./recommendationWords";

const LOOKS = {
  approved: { icon: Check, word: "Approved", look: "text-good" },
  dismissed: { icon: X, word: "Dismissed", look: "text-soft" },
  superseded: { icon: RefreshCw, word: "Replaced by a newer one", look: "text-faint" },
} as const;

interface DecidedLineProps {
  recommendation: Recommendation;
  isPending: boolean;
  onChoose: () => void;
  onUndo: () => void;
}

/** What was decided, by whom, and for a minute the way back. */
export function DecidedLine({ recommendation, isPending, onChoose, onUndo }: DecidedLineProps) {
  const receipt = useOpenReceipt();
  const mayUndo = useMay("undo");
  const now = serverNow(useNow());
  const { recommendation_id: id, state, undo_until: until } = recommendation;
  const { icon: Icon, word, look } = LOOKS[state === "open" ? "approved" : state];
  const left = until === null ? 0 : Math.floor((Date.parse(until) - now) / 1000);
  const age = useAge(recommendation.decided_at ?? recommendation.created_at);
  const tail = [
    word + (recommendation.decided_by ? ` by ${recommendation.decided_by}` : ""),
    `${age} ago`,
    recommendation.dismiss_reason && `“${recommendation.dismiss_reason}”`,
  ].filter(Boolean);
  return (
    <article aria-labelledby={`${id}-label`} className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <Icon className={classes("size-4 shrink-0", look)} strokeWidth={2.4} aria-hidden />
      <div className="min-w-0 flex-1 basis-40">
        <h3 id={`${id}-label`} className="text-body leading-5 font-medium">
          <button
            type="button"
            onClick={onChoose}
            className="rounded text-left underline-offset-2 hover:underline"
          >
            {recommendation.label}
          </button>
          {recommendation.product && (
            <span className="font-normal text-soft"> · {recommendation.product}</span>
          )}
        </h3>
        <p className="text-small text-faint [overflow-wrap:anywhere]">{tail.join(" · ")}</p>
      </div>
      {state === "approved" && saves(recommendation) && (
        <span className="text-label font-medium text-good">
          saved {exactText(recommendation.saving_usd, MONEY)}
        </span>
      )}
      {left > 0 && mayUndo && (
        <Button data-next onClick={onUndo} disabled={isPending} title="Puts every row back as it was">
          <Undo2 className="size-3.5" aria-hidden />
          {isPending ? "Undoing…" : "Undo"}
          <span className="sr-only">: {recommendation.label}</span>
          <span className="min-w-[2.6em] text-right text-faint">
            <span className="sr-only">, possible for </span>
            {left} s
          </span>
        </Button>
      )}
      <IconButton
        label={`Receipt of ${recommendation.label}`}
        data-hallmark={id}
        onClick={() => receipt.open(id, id)}
      >
        <ReceiptText aria-hidden />
      </IconButton>
    </article>
  );
}
