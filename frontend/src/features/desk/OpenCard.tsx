import { Check, ReceiptText } from "lucide-react";
import { useMay } from "@/api/session";
import type { Recommendation } from "@/api/types";
import { exactText } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { Age } from "@/widgets/Age";
import { useOpenReceipt } from "@/widgets/useOpenReceipt";
import { Reasons } from "./Reasons";
import { aboutWords, authorWords, MONEY, saves } from "./recommendationWords";

interface OpenCardProps {
  recommendation: Recommendation;
  isPending: boolean;
  onChoose: () => void;
  onApprove: () => void;
  onDismiss: () => void;
}

/** What to do, why, what it costs and saves, and the two ways to decide. */
export function OpenCard({ recommendation, isPending, onChoose, onApprove, onDismiss }: OpenCardProps) {
  const receipt = useOpenReceipt();
  const mayDecide = useMay("approve");
  const { recommendation_id: id, label, rationale, reasons } = recommendation;
  const author = authorWords(recommendation);
  return (
    <article aria-labelledby={`${id}-label`}>
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 id={`${id}-label`} className="text-told leading-5 font-semibold tracking-[-.01em]">
            <button
              type="button"
              onClick={onChoose}
              className="rounded text-left underline-offset-2 hover:underline"
            >
              {label}
            </button>
          </h3>
          <p className="text-small text-soft [overflow-wrap:anywhere]">{aboutWords(recommendation)}</p>
        </div>
        <p className="shrink-0 text-right">
          <span className="block text-told leading-5 font-semibold">
            {saves(recommendation) ? (
              <>
                <span className="text-small font-normal text-soft">saves </span>
                <span className="text-good">{exactText(recommendation.saving_usd, MONEY)}</span>
              </>
            ) : (
              <span className="text-small font-normal text-soft">saves nothing</span>
            )}
          </span>
          <span className="text-small text-faint">
            costs {exactText(recommendation.cost_usd, MONEY)} ·{" "}
            <span title={recommendation.created_at}>
              <Age at={recommendation.created_at} /> old
            </span>
          </span>
        </p>
      </div>
      <p className="mt-2 text-body leading-[1.5]">
        {rationale}{" "}
        <span title={author.title} className="text-mark whitespace-nowrap text-faint">
          {author.text}
        </span>
      </p>
      <Reasons reasons={reasons} />
      <div className="mt-3 flex flex-wrap items-center gap-2">
        {mayDecide ? (
          <>
            <Button look="primary" data-next onClick={onApprove} disabled={isPending} className="px-4">
              <Check className="size-3.5" aria-hidden />
              {isPending ? "Deciding…" : "Approve"}
              <span className="sr-only">: {label}</span>
            </Button>
            <Button onClick={onDismiss} disabled={isPending}>
              Dismiss…
              <span className="sr-only">: {label}</span>
            </Button>
          </>
        ) : (
          <span className="text-small text-faint">Deciding needs the role operator.</span>
        )}
        <Button look="ghost" data-hallmark={id} onClick={() => receipt.open(id, id)} className="ml-auto">
          <ReceiptText className="size-3.5" aria-hidden />
          Receipt
        </Button>
      </div>
    </article>
  );
}
