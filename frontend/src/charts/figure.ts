/** One number set large, with what it is compared with. */
import type { Cell, Metric } from "@/api/types";
import { exactText, figure as figureText } from "@/format/numbers";
import { comparedWith } from "@/format/windows";
import { toneOf, type ValueTone } from "@/ui/tones";
import { cellAt } from "./columns";
import type { Context } from "./plan";

export interface FigurePlan {
  value: Cell;
  previous: Cell;
  metric: Metric | undefined;
  unit: string | null;
  prefix: string;
  number: string;
  suffix: string;
  exact: string;
  tone: ValueTone | null;
  against: string;
}

export function figureOf({ frame, widget }: Context): FigurePlan {
  const column = frame.values[0];
  const [row] = frame.rows;
  const value = cellAt(row, column?.index ?? null);
  const metric = frame.metricOf(column?.metricId);
  const unit = column?.column.unit ?? metric?.unit ?? null;
  return {
    value,
    previous: cellAt(row, column?.previous ?? null),
    metric,
    unit,
    ...figureText(value, unit, widget.format),
    exact: exactText(value, unit),
    tone: toneOf(value, widget.thresholds),
    against: comparedWith(frame.answer.question),
  };
}
