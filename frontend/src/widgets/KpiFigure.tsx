import type { Answer, Metric } from "@/api/types";
import { exactText, figure, NOTHING } from "@/ui/numbers";
import { comparedWith } from "@/ui/windows";
import { ChangeMark } from "./ChangeMark";
import { MovedMark } from "./MovedMark";
import { Sparkline } from "./Sparkline";
import { cellAt, shapeOf } from "./shape";

interface KpiFigureProps {
  answer: Answer;
  spark: Answer | undefined;
  metric: Metric | undefined;
}

/** One number, set large, with its change. The exact value stands in its title and in the receipt. */
export function KpiFigure({ answer, spark, metric }: KpiFigureProps) {
  const column = shapeOf(answer).values[0];
  const row = answer.rows[0];
  const value = cellAt(row, column?.index ?? null);
  const unit = column?.column.unit ?? metric?.unit ?? null;
  const { prefix, number, suffix } = figure(value, unit);
  return (
    <div className="@container relative flex h-full flex-col justify-center">
      <div className="flex items-end justify-between gap-3">
        <p
          className="text-[27px] leading-[1.2] font-semibold tracking-[-.025em] whitespace-nowrap"
          title={exactText(value, unit)}
        >
          {prefix}
          {number}
          {suffix && <small className="text-[13px] font-medium tracking-normal text-soft">{suffix}</small>}
          {number === NOTHING && <span className="sr-only">no value</span>}
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
