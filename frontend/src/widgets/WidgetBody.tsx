import { lazy, Suspense } from "react";
import type { Answer, Metric, Widget } from "@/api/types";
import { classes } from "@/ui/classes";
import { Skeleton } from "@/ui/Skeleton";
import { AnswerTable } from "./AnswerTable";
import { BarList } from "./BarList";
import { Breakdown } from "./Breakdown";
import { type Drill, NO_DRILL } from "./drill";
import { KpiFigure } from "./KpiFigure";

const TrendChart = lazy(() => import("./TrendChart").then((module) => ({ default: module.TrendChart })));

interface WidgetBodyProps {
  widget: Widget;
  answer: Answer;
  spark: Answer | undefined;
  metrics: Metric[];
  label: string;
  drill?: Drill;
}

/** An answer drawn the way its widget says. */
export function WidgetBody({ widget, answer, spark, metrics, label, drill = NO_DRILL }: WidgetBodyProps) {
  if (answer.rows.length === 0) {
    return <p className="grid h-full place-items-center text-[12.5px] text-faint">No rows in this window.</p>;
  }
  switch (widget.kind) {
    case "kpi":
      return (
        <KpiFigure
          answer={answer}
          spark={spark}
          metric={metrics.find((each) => each.metric_id === answer.metric_id)}
          widget={widget}
          drill={drill}
        />
      );
    case "trend":
      return (
        <Suspense fallback={<Skeleton className="h-full min-h-[150px] w-full" />}>
          <TrendChart answer={answer} metrics={metrics} label={label} widget={widget} />
        </Suspense>
      );
    case "bar":
      return <BarList answer={answer} label={label} widget={widget} drill={drill} />;
    case "breakdown":
      return <Breakdown answer={answer} label={label} widget={widget} drill={drill} />;
    case "table":
      return <AnswerTable answer={answer} metrics={metrics} caption={label} widget={widget} drill={drill} />;
  }
}

/** The lines that come: a figure and its change; bars, parts or rows from the top; a chart as a whole. */
const STAND_INS: Record<Widget["kind"], string[]> = {
  kpi: ["h-8 w-24", "h-3 w-32"],
  trend: ["h-full min-h-[150px] w-full"],
  bar: ["h-4 w-full", "h-4 w-4/5", "h-4 w-3/5", "h-4 w-2/5", "h-4 w-1/4"],
  breakdown: ["h-[18px] w-full", "h-3 w-3/4", "h-3 w-3/4"],
  table: ["h-3 w-full", "h-4 w-full", "h-4 w-full", "h-4 w-full", "h-4 w-full"],
};

const PLACES: Partial<Record<Widget["kind"], string>> = {
  kpi: "justify-center gap-2",
  bar: "gap-[22px] pt-3",
  breakdown: "gap-3 pt-2",
  table: "gap-4 pt-2",
};

export function WidgetSkeleton({ kind }: { kind: Widget["kind"] }) {
  return (
    <div role="status" className={classes("flex h-full flex-col", PLACES[kind])}>
      <span className="sr-only">Loading</span>
      {STAND_INS[kind].map((look, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move.
        <Skeleton key={line} className={classes("shrink-0", look)} />
      ))}
    </div>
  );
}
