import { ChevronRight } from "lucide-react";
import { useId, useState } from "react";
import type { Comparison, GrainCompared, Metric } from "@/api/types";
import { fixed } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { GapList } from "./GapList";
import { VerdictMark } from "./VerdictMark";
import { grainWords, isPair, signedText } from "./words";

interface GrainTableProps {
  comparison: Comparison;
  metric: Metric | undefined;
}

/** Every grain with what was found there; one that differs opens to its groups. Pairs of dimensions come folded. */
export function GrainTable({ comparison, metric }: GrainTableProps) {
  const singles = comparison.grains.filter((each) => !isPair(each.grain));
  const pairs = comparison.grains.filter((each) => isPair(each.grain));
  const onlyPairs = pairs.some((each) => each.differing > 0) && singles.every((each) => each.differing === 0);
  const [isOpen, setOpen] = useState(onlyPairs);
  if (comparison.grains.length === 0) return null;
  const differing = pairs.filter((each) => each.verdict === "differs").length;
  return (
    <section aria-label="Grains" className="grid gap-1">
      <h3 className="text-body font-semibold">At every grain</h3>
      <table className="w-full border-collapse">
        <caption className="sr-only">What was found at each grain</caption>
        <thead>
          <tr className="border-line border-b text-left text-small text-faint">
            <th scope="col" className="py-1 font-normal">
              Grain
            </th>
            <th scope="col" className="px-2 py-1 text-right font-normal">
              Groups
            </th>
            <th scope="col" className="px-2 py-1 text-right font-normal">
              Difference
            </th>
            <th scope="col" className="py-1 pl-2 font-normal">
              Verdict
            </th>
          </tr>
        </thead>
        <tbody>
          {singles.map((grain) => (
            <GrainRow key={grain.grain} grain={grain} comparison={comparison} metric={metric} />
          ))}
          {pairs.length > 0 && (
            <tr className="border-line border-b">
              <td colSpan={4} className="py-1.5">
                <Fold isOpen={isOpen} onToggle={() => setOpen(!isOpen)}>
                  {pairs.length} {pairs.length === 1 ? "pair" : "pairs"} of dimensions
                  <span className={differing > 0 ? "text-bad" : "text-faint"}>
                    {" "}
                    · {differing === 0 ? "none differs" : `${differing} differ`}
                  </span>
                </Fold>
              </td>
            </tr>
          )}
          {isOpen &&
            pairs.map((grain) => (
              <GrainRow key={grain.grain} grain={grain} comparison={comparison} metric={metric} />
            ))}
        </tbody>
      </table>
    </section>
  );
}

interface FoldProps {
  isOpen: boolean;
  onToggle: () => void;
  controls?: string;
  children: React.ReactNode;
}

function Fold({ isOpen, onToggle, controls, children }: FoldProps) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-controls={isOpen ? controls : undefined}
      onClick={onToggle}
      className="inline-flex items-center gap-1 rounded text-left underline-offset-2 hover:underline"
    >
      <ChevronRight
        aria-hidden
        className={classes("size-3.5 shrink-0 text-faint transition-transform", isOpen && "rotate-90")}
      />
      <span>{children}</span>
    </button>
  );
}

function GrainRow({ grain, comparison, metric }: GrainTableProps & { grain: GrainCompared }) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const unit = metric?.unit ?? null;
  const name = grainWords(grain.grain, metric);
  const canOpen = grain.largest.length > 0 && grain.grain !== "total";
  return (
    <>
      <tr className="border-line border-b align-baseline">
        <th scope="row" className="py-1.5 text-left font-normal">
          {canOpen ? (
            <Fold isOpen={isOpen} onToggle={() => setOpen(!isOpen)} controls={id}>
              {name}
            </Fold>
          ) : (
            <span className="pl-[18px]">{name}</span>
          )}
          {grain.reason && (
            <span className="block pl-[18px] text-small text-soft [overflow-wrap:anywhere]">
              {grain.reason}
            </span>
          )}
        </th>
        <td className="px-2 py-1.5 text-right whitespace-nowrap">
          {grain.differing > 0 && (
            <span className="text-bad">
              {fixed(grain.differing, 0)}
              <span className="text-faint"> of </span>
            </span>
          )}
          {fixed(grain.rows, 0)}
        </td>
        <td className="px-2 py-1.5 text-right whitespace-nowrap">
          {grain.differing > 0 ? signedText(grain.gap, unit) : <span className="text-faint">–</span>}
        </td>
        <td className="py-1.5 pl-2">
          <VerdictMark verdict={grain.verdict} />
        </td>
      </tr>
      {isOpen && (
        <tr id={id} className="border-line border-b">
          <td colSpan={4} className="pb-2 pl-[18px]">
            <GapList
              comparison={comparison}
              grain={grain.grain}
              gaps={grain.largest}
              unit={unit}
              label={`Groups that differ, by ${name}`}
            />
            {grain.differing > grain.largest.length && (
              <p className="pt-1 text-small text-faint">
                The {grain.largest.length} largest of {fixed(grain.differing, 0)}.
              </p>
            )}
          </td>
        </tr>
      )}
    </>
  );
}
