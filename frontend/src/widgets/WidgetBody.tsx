import { lazy, Suspense } from "react";
import type { Answer, Metric, Widget } from "@/api/types";
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

const STAND_INS: Record<Widget["kind"], string> = {
  kpi: "h-8 w-24",
  trend: "h-full min-h-[150px] w-full",
  bar: "h-32 w-full",
  breakdown: "h-24 w-full",
  table: "h-36 w-full",
};

export function WidgetSkeleton({ kind }: { kind: Widget["kind"] }) {
  return (
    <div role="status" className="flex h-full flex-col justify-center gap-2">
      <span className="sr-only">Loading</span>
      <Skeleton className={STAND_INS[kind]} />
      {kind === "kpi" && <Skeleton className="h-3 w-32" />}
    </div>
  );
}
