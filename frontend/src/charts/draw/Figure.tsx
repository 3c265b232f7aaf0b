import type { Answer, Metric } from "@/api/types";
import { NOTHING } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { TONE_TEXT, TONE_WORDS } from "@/ui/tones";
import { useMediaQuery } from "@/ui/useMediaQuery";
import type { Figure as FigurePlan } from "../figure";
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
}

/** A figure is set as large as its tile lets it be: never cut. */
const SIZES: [number, string][] = [
  [9, "text-[27px]"],
  [13, "text-[23px]"],
  [Number.POSITIVE_INFINITY, "text-[20px] whitespace-normal!"],
];

/** One number, set large, with its change. The exact value stands in its title and in the receipt. */
export function Figure({ figure, answer, spark, metrics, drill = NO_DRILL }: FigureProps) {
  const { value, metric, unit, prefix, number, suffix, tone } = figure;
  // Where nothing hovers the hallmark is not seen: there the figure itself leads to its receipt.
  const isTouched = useMediaQuery("(hover: none)");
  const { rows, receipt } = drill;
  const leads = isTouched && receipt ? receipt : rows && (() => rows([]));
  const length = (prefix + number).length;
  const size = SIZES.find(([most]) => length <= most)?.[1];
  return (
    <div className="@container relative flex h-full flex-col justify-center">
      <div className="flex items-end justify-between gap-3">
        <p
          className={classes(
            "leading-[1.2] font-semibold tracking-[-.025em] whitespace-nowrap",
            size,
            tone && TONE_TEXT[tone],
          )}
          title={figure.exact}
        >
          <Drillable label={isTouched && receipt ? "receipt" : "rows behind this number"} onDrill={leads}>
            {prefix}
            {number}
            {suffix && <small className="text-[13px] font-medium tracking-normal text-soft">{suffix}</small>}
          </Drillable>
          {number === NOTHING && <span className="sr-only">no value</span>}
          {tone && <span className="sr-only"> ({TONE_WORDS[tone]})</span>}
        </p>
        <MovedMark answer={answer} value={value} unit={unit} metric={metric} onOpen={drill.receipt} />
        {spark && <Sparkline answer={spark} metrics={metrics} />}
      </div>
      <p className="min-h-[18px] min-w-0 leading-[18px]">
        <ChangeMark
          value={value}
          previous={figure.previous}
          unit={unit}
          direction={metric?.direction ?? "neutral"}
          against={figure.against}
        />
      </p>
    </div>
  );
}
