/** Hierarchies of dimensions: what is split by a level of which the page shows one value is split by the next one. */
import type { Filter, Metric, Widget } from "@/api/types";
import { dimensionLabel, dimensionsOf } from "./filters";

type Hierarchy = NonNullable<Metric["hierarchies"]>[number];
type Dimension = Metric["dimensions"][number];

const metricOf = ({ question }: Widget, metrics: Metric[]) =>
  metrics.find((each) => each.metric_id === question.metrics[0]);

const isOneValue = ({ op, values }: Filter) => (op === "eq" || op === "in") && values?.length === 1;

/** What stands below a level, in the first hierarchy that goes on from it. */
function below(level: string, hierarchies: Hierarchy[], able: ReadonlySet<string>): string | undefined {
  const found = hierarchies.map(({ levels }) => levels.slice(levels.indexOf(level)));
  return found.find(([first, next]) => first === level && next !== undefined && able.has(next))?.[1];
}

/**
 * The widget as it is shown under the page's conditions. One that names both levels shows the narrower one already; places of a map
 * are other places than those below them.
 */
export function steppedDown(widget: Widget, filters: Filter[], metrics: Metric[]): Widget {
  const hierarchies = metricOf(widget, metrics)?.hierarchies ?? [];
  if (hierarchies.length === 0 || widget.kind === "map") return widget;
  const able = new Set(dimensionsOf(widget.question, metrics).map(({ name }) => name));
  const held = new Set(filters.filter(isOneValue).map(({ dimension }) => dimension));
  let stepped = widget;
  for (const asked of widget.question.dimensions ?? []) {
    let level = asked;
    while (held.has(level)) {
      const next = below(level, hierarchies, able);
      if (next === undefined || stepped.question.dimensions?.includes(next)) break;
      stepped = withLevel(stepped, level, next);
      level = next;
    }
  }
  return stepped;
}

function withLevel(widget: Widget, from: string, to: string): Widget {
  const { dimensions, order } = widget.question;
  const moved = (name: string) => (name === from ? to : name);
  return {
    ...widget,
    ...(widget.series === from ? { series: to } : {}),
    question: {
      ...widget.question,
      ...(dimensions && { dimensions: dimensions.map(moved) }),
      ...(order && { order: order.map((each) => ({ ...each, by: moved(each.by) })) }),
    },
  };
}

/** What a tile says that is not split as its title has it. */
export function steppedNote(widget: Widget, stepped: Widget, metrics: Metric[]): string | null {
  if (stepped === widget) return null;
  const { dimensions = [] } = widget.question;
  const now = (stepped.question.dimensions ?? []).filter((name) => !dimensions.includes(name));
  const before = dimensions.filter((name) => !stepped.question.dimensions?.includes(name));
  const told = (names: string[]) =>
    names.map((name) => dimensionLabel(name, metrics).toLowerCase()).join(" and ");
  return `by ${told(now)}, as the page shows one ${told(before)}`;
}

export const hierarchyText = ({ label, levels }: Hierarchy, metrics: Metric[]): string =>
  `${label}: ${levels.map((name) => dimensionLabel(name, metrics)).join(" › ")}`;

/** Dimensions to choose from: by hierarchy, from the widest on, each once; and those of none. */
export function groupedDimensions(
  widget: Widget,
  metrics: Metric[],
): { groups: { label: string; dimensions: Dimension[] }[]; others: Dimension[] } {
  const possible = dimensionsOf(widget.question, metrics);
  const taken = new Set<string>();
  const groups = (metricOf(widget, metrics)?.hierarchies ?? []).map((hierarchy) => {
    const dimensions = hierarchy.levels.flatMap((level) => {
      const found = taken.has(level) ? undefined : possible.find(({ name }) => name === level);
      return found ? [found] : [];
    });
    for (const { name } of dimensions) taken.add(name);
    return { label: hierarchyText(hierarchy, metrics), dimensions };
  });
  return {
    groups: groups.filter(({ dimensions }) => dimensions.length > 0),
    others: possible.filter(({ name }) => !taken.has(name)),
  };
}
