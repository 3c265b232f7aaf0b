import type { Answer, Metric, Widget } from "@/api/types";
import { windowLabel, windowSpan, windowWords } from "@/format/windows";
import { dimensionLabel } from "@/question/filters";
import { textTitle } from "./textBlocks";

const GRAINS: Record<string, string> = {
  hour: "hourly",
  day: "daily",
  week: "weekly",
  month: "monthly",
  quarter: "quarterly",
  year: "yearly",
};

/** Another window than the metric's own makes "(MTD)" in its label untrue: then it is left out. */
export function tileTitle(widget: Widget, metrics: Metric[], isWindowChosen: boolean): string {
  if (widget.kind === "text") return textTitle(widget);
  const metric = metrics.find((each) => each.metric_id === widget.question.metrics[0]);
  const title = widget.title ?? metric?.label ?? widget.question.metrics.join(", ");
  return isWindowChosen ? title.replace(/\s*\((?:MTD|QTD|YTD|WTD|\d+d)\)$/i, "") : title;
}

/** The widget's own words; with a chosen window the words of the window that was really asked. */
export function tileSubtitle(
  widget: Widget,
  answer: Answer | undefined,
  isWindowChosen: boolean,
): string | null {
  if (!isWindowChosen) return widget.subtitle ?? null;
  const window = answer?.question.window;
  if (!answer || !window) return null;
  const words = windowLabel(window.name) || windowSpan(window) || windowWords(window, answer.question.as_of);
  const grain = answer.question.grain && GRAINS[answer.question.grain];
  return grain ? `${grain}, ${words}` : words;
}

/** Which of the page's conditions do not reach a widget, because it lacks their dimension. */
export function notFiltered(dimensions: string[], metrics: Metric[]): string | null {
  if (dimensions.length === 0) return null;
  const labels = dimensions.map((name) => dimensionLabel(name, metrics).toLowerCase());
  return `not filtered by ${labels.join(", ")}`;
}
