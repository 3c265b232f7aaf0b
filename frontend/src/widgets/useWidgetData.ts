import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { answerKey, ask } from "@/api/answers";
import { askAgain } from "@/api/askAgain";
import { NO_METRICS, useMetrics } from "@/api/metrics";
import { problemOf } from "@/api/problem";
import type { Answer, Filter, Metric, Problem, Question, Widget, WindowChoice } from "@/api/types";
import { isHero } from "@/charts/running";
import { withFilters } from "@/question/filters";

interface WidgetData {
  answer: Answer | undefined;
  /** While there is none yet under a new window or new conditions: what was shown before. Not an answer to what is asked now. */
  outdated: Answer | undefined;
  /** The line beside either. */
  spark: Answer | undefined;
  /** Why there is no answer; or, beside an answer, why asking again failed. */
  problem: Problem | null;
  isFetching: boolean;
  /** Whether the page's window replaced the widget's own. */
  isWindowChosen: boolean;
  /** Dimensions of the page's conditions that this widget lacks. */
  unfiltered: string[];
  /** What was really asked: with the page's window and conditions. */
  question: Question;
  askAgain: () => void;
}

/** A count as of now has no window, and is left alone by the page's choice of one. */
function hasWindow(question: Question, metrics: Metric[]): boolean {
  if (question.window) return true;
  const asked = metrics.filter((metric) => question.metrics.includes(metric.metric_id));
  return asked.length > 0 && asked.every((metric) => metric.window !== null);
}

const NO_FILTERS: Filter[] = [];

export function questionsOf(
  widget: Widget,
  window: WindowChoice | null,
  metrics: Metric[],
  filters: Filter[] = NO_FILTERS,
): [Question, ...Question[]] {
  const chosen = window !== null && hasWindow(widget.question, metrics);
  const main = withFilters(chosen ? { ...widget.question, window } : widget.question, filters, metrics);
  if (!widget.spark) return [main.question];
  // The line under a page's figure is of the figure's own window, whichever that is.
  const spark = chosen && isHero(widget) ? { ...widget.spark, window } : widget.spark;
  return [main.question, withFilters(spark, filters, metrics).question];
}

function refreshMs(question: Question, metrics: Metric[]): number | false {
  const seconds = metrics
    .filter((metric) => question.metrics.includes(metric.metric_id))
    .map((metric) => metric.refresh_seconds)
    .filter((each) => each > 0);
  return seconds.length > 0 ? Math.min(...seconds) * 1000 : false;
}

/** Asking for one answer, and again by its metrics' refresh time. */
export function answerQuery(question: Question, metrics: Metric[]) {
  const refresh = refreshMs(question, metrics);
  return {
    queryKey: answerKey(question),
    queryFn: ({ signal }: { signal: AbortSignal }) => ask(question, signal),
    refetchInterval: refresh,
    staleTime: refresh || Number.POSITIVE_INFINITY,
  };
}

/**
 * The data of one widget. All widgets of a page ask in the same moment and so share one round trip; each is asked
 * again by its metric's refresh time, and when the stream says that what it depends on has moved.
 */
export function useWidgetData(
  widget: Widget,
  window: WindowChoice | null = null,
  filters: Filter[] = NO_FILTERS,
): WidgetData {
  const client = useQueryClient();
  const catalog = useMetrics();
  const metrics = catalog.data ?? NO_METRICS;
  // Whether a chosen window or condition applies is the catalog's to say; without a choice nothing has to wait for it.
  const isKnown = (window === null && filters.length === 0) || !catalog.isPending;
  // One object for one question: what is drawn of it is drawn anew when it changes, and not else.
  const questions = useMemo(
    () => questionsOf(widget, window, metrics, filters),
    [widget, window, metrics, filters],
  );
  const [main, spark] = useQueries({
    queries: questions.map((question) => ({ ...answerQuery(question, metrics), enabled: isKnown })),
  });
  const answer = main?.data;
  const identity = JSON.stringify([widget.kind, widget.question]);
  const held = useRef<{ identity: string; answer: Answer; spark: Answer | undefined } | null>(null);
  const line = spark?.data;
  useEffect(() => {
    if (answer) held.current = { identity, answer, spark: line };
  }, [answer, line, identity]);
  const isWaiting = !answer && !main?.error && held.current?.identity === identity;
  return {
    answer,
    outdated: isWaiting ? held.current?.answer : undefined,
    spark: isWaiting ? held.current?.spark : line,
    problem: main?.error ? problemOf(main.error) : null,
    isFetching: main?.isFetching ?? false,
    isWindowChosen: questions[0].window !== widget.question.window,
    unfiltered: isKnown ? withFilters(widget.question, filters, metrics).missing : [],
    question: questions[0],
    askAgain: () => {
      for (const question of questions) void askAgain(client, { queryKey: answerKey(question), exact: true });
    },
  };
}
