import { problemOf } from "@/api/problem";
import { useOfferedAnswer } from "@/api/surveys";
import type { OfferedMetric } from "@/api/types";
import { exactText, figure } from "@/format/numbers";
import { windowLabel } from "@/format/windows";
import { classes } from "@/ui/classes";
import { FIELD } from "@/ui/fields";
import { Skeleton } from "@/ui/Skeleton";
import { useOpenReceipt } from "@/widgets/useOpenReceipt";
import type { Choice } from "./choices";

interface OfferedRowProps {
  surveyId: string;
  metric: OfferedMetric;
  choice: Choice;
  onChange: (choice: Choice) => void;
}

/** One drafted metric: whether it is wanted, what it is called, what it answers today, why it was drafted so. */
export function OfferedRow({ surveyId, metric, choice, onChange }: OfferedRowProps) {
  return (
    <li
      className={classes(
        "grid grid-cols-[auto_minmax(0,1fr)] gap-x-3 gap-y-1.5 border-line border-b px-3.5 py-2.5 last:border-b-0 md:grid-cols-[auto_minmax(0,1fr)_11rem]",
        !choice.isChosen && "bg-sunken",
      )}
    >
      <input
        type="checkbox"
        aria-label={`Take ${metric.label}`}
        className="mt-1.5 size-4 accent-[var(--accent)]"
        checked={choice.isChosen}
        onChange={(event) => onChange({ ...choice, isChosen: event.target.checked })}
      />
      <div className="grid min-w-0 gap-1">
        <input
          aria-label={`Name of ${metric.label}`}
          className={classes(FIELD, "w-full max-w-sm font-medium disabled:opacity-60")}
          maxLength={80}
          disabled={!choice.isChosen}
          value={choice.label}
          onChange={(event) => onChange({ ...choice, label: event.target.value })}
        />
        <p className="text-small text-soft [overflow-wrap:anywhere]">
          <code className="font-mono text-mark">{metric.formula}</code> of {metric.entity}.
          {metric.reason && <span className="text-faint"> Because {metric.reason}</span>}
        </p>
        {metric.dimensions.length > 0 && (
          <p className="text-small text-faint [overflow-wrap:anywhere]">By {metric.dimensions.join(", ")}</p>
        )}
      </div>
      <Figure surveyId={surveyId} metric={metric} />
    </li>
  );
}

function Figure({ surveyId, metric }: { surveyId: string; metric: OfferedMetric }) {
  const answer = useOfferedAnswer(surveyId, metric.metric_id);
  const receipt = useOpenReceipt();
  const place = "col-start-2 min-w-0 md:col-start-3 md:text-right";
  if (answer.error) {
    const { detail, mend } = problemOf(answer.error);
    return (
      <p className={classes(place, "text-small text-stale [overflow-wrap:anywhere]")}>
        No figure: {detail} {mend}
      </p>
    );
  }
  if (!answer.data) {
    return (
      <div className={place}>
        <span className="sr-only">Asking for {metric.label}</span>
        <Skeleton className="h-6 w-24 md:ml-auto" />
      </div>
    );
  }
  const value = answer.data.rows[0]?.[0] ?? null;
  const { prefix, number, suffix } = figure(value, metric.unit, undefined);
  const receiptId = answer.data.provenance.receipt_id;
  return (
    <p className={place}>
      <span className="block text-title tabular-nums" title={exactText(value, metric.unit)}>
        {prefix}
        {number}
        {suffix}
      </span>
      <span className="text-small text-faint">{windowLabel(metric.window) || "all time"} </span>
      {receiptId && (
        <button
          type="button"
          aria-label={`Receipt of ${metric.label}`}
          className="text-small text-accent underline underline-offset-2"
          onClick={() => receipt.open(receiptId)}
        >
          receipt
        </button>
      )}
    </p>
  );
}
