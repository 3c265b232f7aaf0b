import type { Comparison, Explained, Metric } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { GapList } from "./GapList";
import { grainWords, groupWords } from "./words";

interface ExplainedGapProps {
  comparison: Comparison;
  metric: Metric | undefined;
}

/** "2 groups of Region hold the whole gap" */
function sentence(explained: Explained, groups: number | undefined, name: string): string {
  const count = explained.groups.length;
  const of = groups === undefined ? "" : ` of ${groups}`;
  const share =
    explained.share > 0.995 ? "the whole gap" : `${Math.floor(explained.share * 100)}% of the gap`;
  return `${name}: ${count}${of} ${count === 1 && groups === undefined ? "group" : "groups"} ${count === 1 ? "holds" : "hold"} ${share}`;
}

/** The few groups that explain most of the gap: their shares as one bar, then each with its figures. */
export function ExplainedGap({ comparison, metric }: ExplainedGapProps) {
  const explained = comparison.explained_by;
  if (!explained) return null;
  const { grain, groups } = explained;
  const size = (difference: string | null) => Math.abs(numberOf(difference) ?? 0);
  const held = groups.reduce((sum, group) => sum + size(group.difference), 0);
  const whole = held / (explained.share || 1);
  const counted = comparison.grains.find((each) => each.grain === grain)?.rows;
  const unit = metric?.unit ?? null;
  return (
    <section aria-label="What explains the gap" className="grid gap-2">
      <h3 className="text-body font-semibold">{sentence(explained, counted, grainWords(grain, metric))}</h3>
      <div aria-hidden className="flex h-5 gap-0.5 overflow-hidden rounded bg-sunken text-mark">
        {groups.map((group) => {
          const share = size(group.difference) / whole;
          return (
            <span
              key={JSON.stringify(group.key)}
              className="flex min-w-0.5 items-center overflow-hidden bg-bad"
              style={{ width: `${share * 100}%` }}
            >
              {share > 0.16 && (
                <span className="truncate px-2 font-medium text-surface">
                  {groupWords(group, grain)} {Math.round(share * 100)}%
                </span>
              )}
            </span>
          );
        })}
        {explained.share < 0.995 && <span className="flex items-center px-2 text-faint">others</span>}
      </div>
      <GapList
        comparison={comparison}
        grain={grain}
        gaps={groups}
        unit={unit}
        label={`Groups that explain the gap, by ${grainWords(grain, metric)}`}
      />
    </section>
  );
}
