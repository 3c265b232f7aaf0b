import { lazy, Suspense, useMemo } from "react";
import type { Answer, Metric, Widget } from "@/api/types";
import { Bars } from "@/charts/draw/Bars";
import { type Drill, NO_DRILL } from "@/charts/draw/drill";
import { Figure } from "@/charts/draw/Figure";
import { Parts } from "@/charts/draw/Parts";
import { RowsTable } from "@/charts/draw/RowsTable";
import { drawnOf } from "@/charts/drawn";
import { type CommonWidget, isCommon, isFurther, KINDS } from "@/charts/kinds";
import type { Plan } from "@/charts/plan";
import { isHero, runningOf } from "@/charts/running";
import { useHues } from "@/charts/useHues";
import { classes } from "@/ui/classes";
import { Skeleton } from "@/ui/Skeleton";

const OverTime = lazy(() =>
  import("@/charts/draw/OverTime").then((module) => ({ default: module.OverTime })),
);

interface WidgetBodyProps {
  widget: Widget;
  answer: Answer;
  spark: Answer | undefined;
  metrics: Metric[];
  label: string;
  drill?: Drill;
}

const Further = lazy(() => import("@/charts/further/Further").then((m) => ({ default: m.Further })));

/** An answer drawn the way its widget says. */
export function WidgetBody({ widget, answer, spark, metrics, label, drill = NO_DRILL }: WidgetBodyProps) {
  if (answer.rows.length === 0) {
    return <p className="grid h-full place-items-center text-label text-faint">No rows in this window.</p>;
  }
  if (isFurther(widget)) {
    return (
      <Suspense fallback={<WidgetSkeleton kind={widget.kind} />}>
        <Further widget={widget} answer={answer} metrics={metrics} label={label} drill={drill} />
      </Suspense>
    );
  }
  if (!isCommon(widget)) return null;
  return (
    <CommonBody widget={widget} answer={answer} spark={spark} metrics={metrics} label={label} drill={drill} />
  );
}

interface CommonProps extends Omit<WidgetBodyProps, "drill"> {
  widget: CommonWidget;
  drill: Drill;
}

function CommonBody({ widget, answer, spark, metrics, label, drill }: CommonProps) {
  const told = useHues();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a colour was told, what has it is drawn anew.
  const drawn = useMemo(
    () => drawnOf(widget, answer, metrics, label),
    [widget, answer, metrics, label, told],
  );
  const running = useMemo(
    () =>
      drawn.as === "figure" && spark && isHero(widget)
        ? runningOf(widget, spark, drawn.figure, metrics, label)
        : null,
    [widget, spark, drawn, metrics, label],
  );
  switch (drawn.as) {
    case "figure":
      return (
        <Figure
          figure={drawn.figure}
          answer={answer}
          spark={spark}
          metrics={metrics}
          drill={drill}
          isHero={isHero(widget)}
          chart={running && <Chart plan={running} drill={drill} />}
        />
      );
    case "rows":
      return <RowsTable rows={drawn.rows} caption={label} drill={drill} />;
    case "chart":
      return <Chart plan={drawn.plan} drill={drill} />;
  }
}

function Chart({ plan, drill }: { plan: Plan; drill: Drill }) {
  switch (plan.shape) {
    case "over_time":
      return (
        <Suspense fallback={<Skeleton className="h-full min-h-[11.538rem] w-full" />}>
          <OverTime plan={plan} />
        </Suspense>
      );
    case "by_name":
      return <Bars plan={plan} drill={drill} />;
    case "parts":
      return <Parts plan={plan} drill={drill} />;
  }
}

/** The lines that come: a figure and its change; bars, parts or rows from the top; a chart as a whole. */
export function WidgetSkeleton({ kind }: { kind: Widget["kind"] }) {
  const { standIns, standing } = KINDS[kind];
  return (
    <div role="status" className={classes("flex h-full flex-col", standing)}>
      <span className="sr-only">Loading</span>
      {standIns.map((look, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines never move.
        <Skeleton key={line} className={classes("shrink-0", look)} />
      ))}
    </div>
  );
}
