import type { ReactNode } from "react";
import type { Answer, Metric } from "@/api/types";
import { currencyOf, NOTHING } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { TONE_TEXT, TONE_WORDS } from "@/ui/tones";
import { useMediaQuery } from "@/ui/useMediaQuery";
import type { FigurePlan } from "../figure";
import { ChangeMark } from "./ChangeMark";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { MovedMark } from "./MovedMark";
import { Sparkline } from "./Sparkline";

interface FigureProps {
  figure: FigurePlan;
  answer: Answer;
  spark: Answer | undefined;
  metrics: Metric[];
  drill?: Drill;
  /** The one figure that its page is about: as large as it may be, to the last digit. */
  isHero?: boolean;
  /** Its window as a chart, under it. */
  chart?: ReactNode;
}

/** A figure is set as large as its tile lets it be: never cut. */
const SIZES: [number, string][] = [
  [6, "text-[min(2.077rem,24cqi)]"],
  [9, "text-[min(2.077rem,17cqi)]"],
  [13, "text-[min(1.769rem,12cqi)]"],
  [Number.POSITIVE_INFINITY, "text-[1.538rem] whitespace-normal! [overflow-wrap:anywhere]"],
];

const HERO_SIZES: [number, string][] = [
  [14, "text-[min(2.615rem,13cqi)] @[31rem]:text-[3.385rem]"],
  [18, "text-[min(2.077rem,10cqi)] @[31rem]:text-[2.769rem]"],
];

/** "$1,410,000" and ".00": cents are said more softly. */
function spelled(figure: FigurePlan): { large: string; small: string } {
  const { prefix, number, suffix, exact, unit } = figure;
  if (currencyOf(unit) === null) return { large: prefix + number, small: suffix };
  const [, large = exact, small = ""] = /^(.*?)([.,]\d{2})?$/u.exec(exact) ?? [];
  return { large, small };
}

/** One number, set large, with its change. The exact value stands in its title and in the receipt. */
export function Figure({
  figure,
  answer,
  spark,
  metrics,
  drill = NO_DRILL,
  isHero = false,
  chart,
}: FigureProps) {
  const { value, metric, unit, prefix, number, suffix, tone } = figure;
  const full = spelled(figure);
  const heroSize = isHero
    ? HERO_SIZES.find(([most]) => full.large.length + full.small.length <= most)?.[1]
    : undefined;
  // Where nothing hovers the hallmark is not seen: there the figure itself leads to its receipt.
  const isTouched = useMediaQuery("(hover: none)");
  const { rows, receipt } = drill;
  const leads = isTouched && receipt ? receipt : rows && (() => rows([]));
  const length = (prefix + number).length;
  const size = SIZES.find(([most]) => length <= most)?.[1];
  return (
    <div className={classes("@container relative flex h-full flex-col", !chart && "justify-center")}>
      <div className={classes("flex items-end gap-3", heroSize ? "flex-wrap" : "justify-between")}>
        <p
          className={classes(
            "leading-[1.2] font-semibold tracking-[-.025em] whitespace-nowrap",
            heroSize ?? size,
            tone && TONE_TEXT[tone],
          )}
          title={figure.exact}
        >
          <Drillable label={isTouched && receipt ? "receipt" : "rows behind this number"} onDrill={leads}>
            {heroSize ? (
              <>
                {full.large}
                <small className="text-[.6em] font-medium text-soft">{full.small}</small>
              </>
            ) : (
              <>
                {prefix}
                {number}
                {suffix && (
                  <small className="text-body font-medium tracking-normal text-soft">{suffix}</small>
                )}
              </>
            )}
          </Drillable>
          {number === NOTHING && (
            <span className="ml-2 text-body font-medium tracking-normal text-soft">no value</span>
          )}
          {tone && <span className="sr-only"> ({TONE_WORDS[tone]})</span>}
        </p>
        <MovedMark answer={answer} value={value} unit={unit} metric={metric} onOpen={drill.receipt} />
        {spark && !isHero && <Sparkline answer={spark} metrics={metrics} />}
      </div>
      <p className="min-h-[1.385rem] min-w-0 leading-[1.385rem]">
        <ChangeMark
          value={value}
          previous={figure.previous}
          unit={unit}
          direction={metric?.direction ?? "neutral"}
          against={figure.against}
        />
      </p>
      {chart && <div className="mt-1.5 min-h-0 flex-1">{chart}</div>}
    </div>
  );
}
