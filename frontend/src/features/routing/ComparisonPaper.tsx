import { ArrowRight, UserCheck } from "lucide-react";
import type { Comparison, Metric } from "@/api/types";
import { clockText } from "@/format/times";
import { Age } from "@/widgets/Age";
import { BackendMark } from "@/widgets/BackendMark";
import { Behind } from "./Behind";
import { BoundTable } from "./BoundTable";
import { ExplainedGap } from "./ExplainedGap";
import { GrainTable } from "./GrainTable";
import { VerdictMark } from "./VerdictMark";
import { amountText, gapShare, signedText, totalGap, verdictSentence } from "./words";

interface ComparisonPaperProps {
  comparison: Comparison;
  metric: Metric | undefined;
  timezone: string;
  /** A newer one is there. */
  isOld: boolean;
}

/** A certificate laid out: what was found, where the gap lies, at which grains, and what is bound. */
export function ComparisonPaper({ comparison, metric, timezone, isOld }: ComparisonPaperProps) {
  const unit = metric?.unit ?? null;
  return (
    <article
      aria-label="Comparison"
      className="grid gap-4 rounded-[11px] border border-line bg-surface px-4 py-4"
    >
      <header className="flex items-start gap-3">
        <VerdictMark verdict={comparison.verdict} bare large />
        <div className="min-w-0">
          <h2 className="text-told leading-snug font-semibold tracking-tight [overflow-wrap:anywhere]">
            {verdictSentence(comparison, unit)}
          </h2>
          <p className="flex flex-wrap items-center gap-x-2 gap-y-0.5 text-small text-soft">
            <BackendMark backend={comparison.from} driver={comparison.sides[0]?.driver ?? null} />
            <ArrowRight className="size-3 text-faint" aria-label="with" />
            <BackendMark backend={comparison.to} driver={comparison.sides[1]?.driver ?? null} />
            <span title={comparison.created_at}>
              · <Age at={comparison.created_at} /> ago{isOld && ", not the newest"}
            </span>
          </p>
        </div>
      </header>
      {comparison.accepted && (
        <p className="flex items-start gap-2.5 rounded-lg bg-gold-soft px-3 py-2 text-label">
          <UserCheck className="mt-0.5 size-4 shrink-0 text-gold" aria-hidden />
          <span className="[overflow-wrap:anywhere]">
            <b className="font-medium">Accepted by {comparison.accepted.by}</b>,{" "}
            {clockText(comparison.accepted.at, timezone)}: {comparison.accepted.reason}
          </span>
        </p>
      )}
      <Totals comparison={comparison} unit={unit} />
      <Behind comparison={comparison} timezone={timezone} />
      <ExplainedGap comparison={comparison} metric={metric} />
      <div className="grid items-start gap-x-8 gap-y-4 2xl:grid-cols-[minmax(0,1.25fr)_minmax(0,1fr)]">
        <GrainTable comparison={comparison} metric={metric} />
        <BoundTable comparison={comparison} timezone={timezone} />
      </div>
    </article>
  );
}

/** The metric's total on both sides and what lies between, where the totals differ. */
function Totals({ comparison, unit }: { comparison: Comparison; unit: string | null }) {
  const gap = totalGap(comparison);
  if (!gap) return null;
  const share = gapShare(gap.difference, gap.from);
  const figures: [string, string, string][] = [
    [comparison.from, amountText(gap.from, unit), "text-ink"],
    [comparison.to, amountText(gap.to, unit), "text-ink"],
    ["difference", signedText(gap.difference, unit) + (share ? ` · ${share}` : ""), "text-bad"],
  ];
  return (
    <dl className="grid gap-x-6 gap-y-2 border-line border-y py-2.5 sm:grid-cols-3">
      {figures.map(([name, value, look], index) => (
        <div key={name} className="min-w-0">
          <dt className="text-small text-soft">
            {index < 2 ? (
              <BackendMark backend={name} driver={comparison.sides[index]?.driver ?? null} />
            ) : (
              "difference"
            )}
          </dt>
          <dd
            className={`text-title leading-tight font-semibold tracking-[-.02em] ${look} [overflow-wrap:anywhere]`}
          >
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
