import { useEffect, useRef } from "react";
import type { Answer, Metric, Widget } from "@/api/types";
import { numberOf, shortText } from "@/ui/numbers";
import { useIsDark } from "@/ui/theme";
import { bucketText } from "@/ui/times";
import { useMediaQuery } from "@/ui/useMediaQuery";
import { init } from "./chart";
import { cellAt, shapeOf } from "./shape";
import { lineHue, trendLook, trendOption } from "./trendOption";
import { isLastOpen, trendLines } from "./trendSeries";

interface TrendChartProps {
  answer: Answer;
  metrics: Metric[];
  label: string;
  widget?: Widget;
}

/** The line in one sentence, for whoever does not see it. */
export function trendSummary(answer: Answer, label: string): string {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  const first = answer.rows[0];
  const last = answer.rows.at(-1);
  if (!column || !first || !last) return `${label}: no values.`;
  const numbers = answer.rows
    .map((row) => numberOf(cellAt(row, column.index)))
    .filter((each) => each !== null);
  const say = (value: number) => shortText(value, column.column.unit);
  const zone = answer.question.window?.timezone ?? "UTC";
  const at = (row: typeof first) => bucketText(String(cellAt(row, shape.time)), answer.question.grain, zone);
  return `${label}, ${at(first)} to ${at(last)}: lowest ${say(Math.min(...numbers))}, highest ${say(Math.max(...numbers))}, ${isLastOpen(answer) ? "so far in the last" : "last"} ${say(numbers.at(-1) ?? 0)}.`;
}

/** A line over time; the period before it dashed. */
export function TrendChart({ answer, metrics, label, widget }: TrendChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init> | null>(null);
  const dark = useIsDark();
  const still = useMediaQuery("(prefers-reduced-motion: reduce)");

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    chart.current = init(element, null, { renderer: "svg" });
    const observer = new ResizeObserver(() => chart.current?.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.current?.dispose();
      chart.current = null;
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are the theme's, read from the page.
  useEffect(() => {
    const lines = trendLines(answer, (id) => metrics.find((metric) => metric.metric_id === id)?.label ?? id);
    chart.current?.setOption(trendOption(lines, trendLook(answer, widget, !still)), { notMerge: true });
  }, [answer, metrics, still, widget, dark]);

  const names = trendLines(answer, (id) => metrics.find((metric) => metric.metric_id === id)?.label ?? id)
    .filter((line) => !line.isPrevious)
    .map((line) => line.name);
  return (
    <div className="flex h-full min-h-[150px] flex-col">
      {names.length > 1 && (
        <ul aria-label="Colours" className="flex flex-wrap gap-x-3 text-[11.5px] text-soft">
          {names.map((name, index) => (
            <li key={name} className="flex items-center gap-1.5">
              <i
                aria-hidden
                className="size-[9px] rounded-sm"
                style={{ background: `var(${lineHue(index)})` }}
              />
              {name}
            </li>
          ))}
        </ul>
      )}
      <div
        ref={place}
        role="img"
        aria-label={trendSummary(answer, label)}
        className="min-h-[110px] w-full flex-1"
      />
    </div>
  );
}
