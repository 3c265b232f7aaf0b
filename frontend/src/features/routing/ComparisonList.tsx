import { ArrowRight } from "lucide-react";
import type { Comparison } from "@/api/types";
import { clockText } from "@/format/times";
import { Panel } from "@/ui/Panel";
import { useRoutingPlace } from "./useRoutingPlace";
import { VerdictMark } from "./VerdictMark";
import { millisecondsText, VERDICT_WORDS } from "./words";

interface ComparisonListProps {
  comparisons: Comparison[];
  shown: string | null;
  timezone: string;
}

/** The comparisons that were kept; each opens. */
export function ComparisonList({ comparisons, shown, timezone }: ComparisonListProps) {
  const { go } = useRoutingPlace();
  if (comparisons.length === 0) return null;
  return (
    <Panel title="Comparisons">
      <ol className="-mx-2 grid max-h-80 overflow-y-auto">
        {comparisons.map((each) => (
          <li key={each.certificate_id}>
            <button
              type="button"
              aria-current={each.certificate_id === shown || undefined}
              onClick={() => go({ metric: each.metric_id, certificate: each.certificate_id })}
              className="grid w-full grid-cols-[auto_minmax(0,1fr)_auto] items-baseline gap-x-2 rounded-md px-2 py-1 text-left text-label -outline-offset-2 hover:bg-sunken aria-[current]:bg-accent-soft"
            >
              <span className="self-center">
                <VerdictMark verdict={each.verdict} bare />
              </span>
              <span className="flex min-w-0 flex-wrap items-center gap-x-1.5">
                {each.from}
                <ArrowRight className="size-3 text-faint" aria-label="with" />
                {each.to}
                <span className="text-small text-faint">
                  {each.accepted ? `accepted by ${each.accepted.by}` : VERDICT_WORDS[each.verdict]}
                </span>
              </span>
              <span
                className="text-small whitespace-nowrap text-faint"
                title={`took ${millisecondsText(each.elapsed_ms)}`}
              >
                {clockText(each.created_at, timezone)}
              </span>
            </button>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
