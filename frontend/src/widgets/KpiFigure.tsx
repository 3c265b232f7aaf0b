import type { Answer, Metric, Widget } from "@/api/types";
import { classes } from "@/ui/classes";
import { exactText, figure, NOTHING } from "@/ui/numbers";
import { TONE_TEXT, TONE_WORDS, toneOf } from "@/ui/tones";
import { comparedWith } from "@/ui/windows";
import { ChangeMark } from "./ChangeMark";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { MovedMark } from "./MovedMark";
import { Sparkline } from "./Sparkline";
import { cellAt, shapeOf } from "./shape";

interface KpiFigureProps {
  answer: Answer;
  spark: Answer | undefined;
  metric: Metric | undefined;
  widget?: Widget;
  drill?: Drill;
}

/** One number, set large, with its change. The exact value stands in its title and in the receipt. */
export function KpiFigure({ answer, spark, metric, widget, drill = NO_DRILL }: KpiFigureProps) {
  const column = shapeOf(answer).values[0];
  const row = answer.rows[0];
  const value = cellAt(row, column?.index ?? null);
  const unit = column?.column.unit ?? metric?.unit ?? null;
  const { prefix, number, suffix } = figure(value, unit, widget?.format);
  const tone = toneOf(value, widget?.thresholds);
  const { rows } = drill;
  return (
    <div className="@container relative flex h-full flex-col justify-center">
      <div className="flex items-end justify-between gap-3">
        <p
          className={classes(
            "text-[27px] leading-[1.2] font-semibold tracking-[-.025em] whitespace-nowrap",
            tone && TONE_TEXT[tone],
          )}
          title={exactText(value, unit)}
        >
          <Drillable label="rows behind this number" onDrill={rows && (() => rows([]))}>
            {prefix}
            {number}
            {suffix && <small className="text-[13px] font-medium tracking-normal text-soft">{suffix}</small>}
          </Drillable>
          {number === NOTHING && <span className="sr-only">no value</span>}
          {tone && <span className="sr-only"> ({TONE_WORDS[tone]})</span>}
        </p>
        <MovedMark answer={answer} value={value} unit={unit} metric={metric} />
        {spark && <Sparkline answer={spark} />}
      </div>
      <p className="min-h-[18px] min-w-0 leading-[18px]">
        <ChangeMark
          value={value}
          previous={cellAt(row, column?.previous ?? null)}
          unit={unit}
          direction={metric?.direction ?? "neutral"}
          against={comparedWith(answer.question)}
        />
      </p>
    </div>
  );
}
