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

/** How often: "monthly", "by fiscal quarter". */
const often = (grain: string) => GRAINS[grain] ?? `by ${grain.replaceAll("_", " ")}`;

/** Another window than the metric's own makes "(MTD)" in its label untrue: then it is left out. */
export function tileTitle(widget: Widget, metrics: Metric[], isWindowChosen: boolean): string {
  if (widget.kind === "text") return textTitle(widget);
  const metric = metrics.find((each) => each.metric_id === widget.question.metrics[0]);
  const title = widget.title ?? metric?.label ?? widget.question.metrics.join(", ");
  return isWindowChosen ? title.replace(/\s*\((?:MTD|QTD|YTD|WTD|\d+d)\)$/i, "") : title;
}

/** What tells a tile from others of its metric: "by channel, weekly". What its title says is not said again. */
function apart({ question }: Widget, metrics: Metric[], title: string): string[] {
  const labels = (question.dimensions ?? [])
    .map((name) => dimensionLabel(name, metrics).toLowerCase())
    .filter((label) => !title.toLowerCase().includes(label));
  const grain = question.grain && often(question.grain);
  return [...(labels.length > 0 ? [`by ${labels.join(" and ")}`] : []), ...(grain ? [grain] : [])];
}

/** The widget's own words, or what tells it apart where it has neither title nor words; with a chosen window the words of the window that was really asked. */
export function tileSubtitle(
  widget: Widget,
  answer: Answer | undefined,
  isWindowChosen: boolean,
  metrics: Metric[],
): string | null {
  if (!isWindowChosen) {
    if (widget.subtitle || widget.title) return widget.subtitle ?? null;
    return apart(widget, metrics, tileTitle(widget, metrics, false)).join(", ") || null;
  }
  const window = answer?.question.window;
  if (!answer || !window) return null;
  const words = windowLabel(window.name) || windowSpan(window) || windowWords(window, answer.question.as_of);
  const grain = answer.question.grain && often(answer.question.grain);
  return grain ? `${grain}, ${words}` : words;
}

/** Which of the page's conditions do not reach a widget, because it lacks their dimension. */
export function notFiltered(dimensions: string[], metrics: Metric[]): string | null {
  if (dimensions.length === 0) return null;
  const labels = dimensions.map((name) => dimensionLabel(name, metrics).toLowerCase());
  return `not filtered by ${labels.join(", ")}`;
}
