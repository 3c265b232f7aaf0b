import type { Comparison, Gap } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { BackendSquare } from "@/widgets/BackendMark";
import { amountText, gapShare, groupWords, signedText } from "./words";

interface GapListProps {
  comparison: Pick<Comparison, "from" | "to" | "sides">;
  grain: string;
  gaps: Gap[];
  unit: string | null;
  label: string;
}

const sizeOf = (gap: Gap) => numberOf(gap.difference) ?? 0;

/** Groups that differ, the largest first: each with both values and its difference as a bar against the largest one. */
export function GapList({ comparison, grain, gaps, unit, label }: GapListProps) {
  const largest = Math.max(...gaps.map((gap) => Math.abs(sizeOf(gap))), 0);
  const isMixed = gaps.some((gap) => sizeOf(gap) > 0) && gaps.some((gap) => sizeOf(gap) < 0);
  const drivers = comparison.sides.map((side) => side.driver);
  return (
    <ul
      aria-label={label}
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-4 sm:grid-cols-[minmax(0,1fr)_minmax(0,1fr)_auto]"
    >
      {gaps.map((gap) => (
        <li
          key={JSON.stringify(gap.key)}
          className="col-span-full grid grid-cols-subgrid items-center gap-y-1 border-line border-b py-1.5 last:border-b-0"
        >
          <div className="min-w-0">
            <p className="font-medium [overflow-wrap:anywhere]">{groupWords(gap, grain)}</p>
            <p className="flex flex-wrap items-center gap-x-1.5 text-small text-soft">
              <Value side={comparison.from} driver={drivers[0]} value={gap.from} unit={unit} gap={gap} />
              <span aria-hidden className="text-faint">
                →
              </span>
              <Value side={comparison.to} driver={drivers[1]} value={gap.to} unit={unit} gap={gap} />
            </p>
          </div>
          <GapBar gap={gap} largest={largest} isMixed={isMixed} />
          <p className="text-right max-sm:col-start-2 max-sm:row-start-1">
            <b className="font-medium whitespace-nowrap text-bad">{signedText(gap.difference, unit)}</b>
            <span className="block text-small text-faint">
              {gap.missing_on
                ? `none on ${gap.missing_on}`
                : (gapShare(gap.difference, gap.from) ?? "\u00a0")}
            </span>
          </p>
        </li>
      ))}
    </ul>
  );
}

interface ValueProps {
  side: string;
  driver: string | null | undefined;
  value: Gap["from"];
  unit: string | null;
  gap: Gap;
}

function Value({ side, driver, value, unit, gap }: ValueProps) {
  return (
    <span className="inline-flex items-center gap-1.5 [overflow-wrap:anywhere]" title={side}>
      <BackendSquare driver={driver ?? null} />
      <span className="sr-only">{side}: </span>
      {gap.missing_on === side ? "no such group" : amountText(value, unit)}
    </span>
  );
}

/** Less to the left, more to the right of the middle; from the left where all groups go one way. */
function GapBar({ gap, largest, isMixed }: { gap: Gap; largest: number; isMixed: boolean }) {
  const size = sizeOf(gap);
  const share = largest === 0 ? 0 : Math.abs(size) / largest;
  const width = `${Math.max(share * (isMixed ? 50 : 100), size === 0 ? 0 : 1)}%`;
  const left = isMixed ? (size < 0 ? `${50 - share * 50}%` : "50%") : "0";
  return (
    <span
      aria-hidden
      className="relative h-4 overflow-hidden rounded bg-sunken max-sm:col-span-2 max-sm:h-2.5"
    >
      {isMixed && <span className="absolute inset-y-0 left-1/2 w-px bg-line-strong" />}
      <span
        className={classes(
          "absolute inset-y-0 rounded",
          gap.missing_on ? "border border-bad border-dashed bg-bad/25" : "bg-bad/75",
        )}
        style={{ left, width }}
      />
    </span>
  );
}
