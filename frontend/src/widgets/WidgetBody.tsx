import { lazy, memo, Suspense, useMemo, useState } from "react";
import { useAnnotations } from "@/api/annotations";
import type { Answer, Metric, Widget } from "@/api/types";
import { cellAt, columnsOf } from "@/charts/columns";
import { Bars } from "@/charts/draw/Bars";
import { type Drill, NO_DRILL } from "@/charts/draw/drill";
import { Figure } from "@/charts/draw/Figure";
import type { Opening } from "@/charts/draw/OthersButton";
import { Parts } from "@/charts/draw/Parts";
import { RowsTable } from "@/charts/draw/RowsTable";
import { around, drawnOf } from "@/charts/drawn";
import { type CommonWidget, isCommon, isFurther, KINDS } from "@/charts/kinds";
import type { Drawn } from "@/charts/kinds/kind";
import type { Plan } from "@/charts/plan";
import type { RestWanted } from "@/charts/rest";
import { isHero, runningOf } from "@/charts/running";
import { noTarget } from "@/charts/targets";
import { useHues } from "@/charts/useHues";
import { classes } from "@/ui/classes";
import { Skeleton } from "@/ui/Skeleton";
import { useRest } from "./useRest";

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

/** What would be drawn as nothing, in one sentence for every kind; null where there is something. Figures and rows write "–" themselves. */
function nothingIn(answer: Answer, kind: Widget["kind"]): string | null {
  if (kind === "gauge") return noTarget(answer);
  if (answer.rows.length === 0) return "No rows in this window.";
  if (kind === "kpi" || kind === "table" || kind === "pivot") return null;
  const { time, values } = columnsOf(answer);
  const isFilled = time !== null && values.some(({ column }) => column.empty === "zero");
  const isBlank =
    !isFilled && answer.rows.every((row) => values.every(({ index }) => cellAt(row, index) === null));
  return isBlank ? (answer.folded?.sentence ?? "No values in this window.") : null;
}

/** An answer drawn the way its widget says. */
export const WidgetBody = memo(function WidgetBody(props: WidgetBodyProps) {
  const { widget, answer, spark, metrics, label, drill = NO_DRILL } = props;
  const nothing = nothingIn(answer, widget.kind);
  if (nothing) {
    return <p className="grid h-full place-items-center text-label text-faint">{nothing}</p>;
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
});

interface CommonProps extends Omit<WidgetBodyProps, "drill"> {
  widget: CommonWidget;
  drill: Drill;
}

function CommonBody({ widget, answer, spark, metrics, label, drill }: CommonProps) {
  const told = useHues();
  const annotations = useAnnotations();
  const [isOpen, setOpen] = useState(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a colour was told, what has it is drawn anew.
  const alone = useMemo(
    () => drawnOf(widget, answer, metrics, label, { ...around(), isOpen, annotations }),
    [widget, answer, metrics, label, told, isOpen, annotations],
  );
  const rest = useRest(answer, wantedOf(alone), metrics);
  const drawn = useMemo(
    () => (rest ? drawnOf(widget, answer, metrics, label, { ...around(), rest, annotations }) : alone),
    [alone, rest, widget, answer, metrics, label, annotations],
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
      return <Chart plan={drawn.plan} drill={drill} open={{ isOpen, setOpen }} />;
  }
}

const wantedOf = (drawn: Drawn): RestWanted | null =>
  drawn.as === "chart" ? drawn.plan.rest : drawn.as === "rows" ? drawn.rows.rest : null;

interface ChartProps {
  plan: Plan;
  drill: Drill;
  open?: Opening | undefined;
}

function Chart({ plan, drill, open }: ChartProps) {
  switch (plan.shape) {
    case "over_time":
      return (
        <Suspense fallback={<Skeleton className="h-full min-h-[11.538rem] w-full" />}>
          <OverTime plan={plan} open={open} />
        </Suspense>
      );
    case "by_name":
      return <Bars plan={plan} drill={drill} open={open} />;
    case "parts":
      return <Parts plan={plan} drill={drill} open={open} />;
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
