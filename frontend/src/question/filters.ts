/** Conditions on dimensions: as a question takes them, as the URL writes them, as they read. */
import type { Cell, Filter, Metric, Question } from "@/api/types";
import { isolated, valueNames } from "@/format/values";
import { humanName } from "@/format/words";

type Dimension = Metric["dimensions"][number];
type FilterValue = NonNullable<Filter["values"]>[number];

/** What is written in the type of its column. Digits that a number here cannot hold stay the text they are. */
export function typedValue(text: string, type: string | undefined): FilterValue {
  if (type === "boolean") return text === "true";
  if (type !== "integer" && type !== "decimal" && type !== "double") return text;
  const digits = text.replace(/^[-+]?[0.]*|[.]|[eE].*$/g, "");
  return text.trim() !== "" && Number.isFinite(Number(text)) && digits.length <= 15 ? Number(text) : text;
}

const IS = "is.";
const NOT = "not.";
const EMPTY = "empty.";
/** Written as they are called: `contains.region=est`, `gte.items=2`. */
const BY_NAME = [
  "gt",
  "gte",
  "lt",
  "lte",
  "contains",
  "not_contains",
  "starts_with",
  "not_starts_with",
  "ends_with",
  "not_ends_with",
] as const;
type ByName = (typeof BY_NAME)[number];
const PREFIXES = /^(is|not|empty|gt|gte|lt|lte|(not_)?(contains|starts_with|ends_with))\./;
const byName = (op: string): ByName | undefined => BY_NAME.find((each) => each === op);

export const isCondition = (parameter: string): boolean => PREFIXES.test(parameter);

/** `is.region=West&is.region=South`, `not.channel=web`, `empty.region=yes`: what is seen can be sent. */
export function readFilters(search: URLSearchParams): Filter[] {
  const names = [...new Set([...search.keys()])];
  return names.flatMap((name): Filter[] => {
    const values = search.getAll(name);
    if (name.startsWith(IS)) return [{ dimension: name.slice(IS.length), ...oneOrMany(values, false) }];
    if (name.startsWith(NOT)) return [{ dimension: name.slice(NOT.length), ...oneOrMany(values, true) }];
    const [prefix = "", ...rest] = name.split(".");
    const op = byName(prefix);
    if (op && rest.length > 0)
      return values.map((value) => ({ dimension: rest.join("."), op, values: [value] }));
    if (!name.startsWith(EMPTY)) return [];
    return [{ dimension: name.slice(EMPTY.length), op: values[0] === "no" ? "is_not_null" : "is_null" }];
  });
}

/** One value is equal or not, several are among or not. */
export function oneOrMany(values: string[], isNot: boolean): Pick<Filter, "op" | "values"> {
  const [one, many] = isNot ? (["ne", "not_in"] as const) : (["eq", "in"] as const);
  return { op: values.length === 1 ? one : many, values };
}

export function writeFilters(search: URLSearchParams, filters: Filter[]): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of [...search.keys()]) if (PREFIXES.test(name)) next.delete(name);
  for (const { dimension, op, values = [] } of filters) {
    if (op === "is_null" || op === "is_not_null")
      next.set(EMPTY + dimension, op === "is_null" ? "yes" : "no");
    else if (op === "between") {
      next.append(`gte.${dimension}`, String(values[0]));
      next.append(`lte.${dimension}`, String(values[1]));
    } else if (byName(op)) for (const value of values) next.append(`${op}.${dimension}`, String(value));
    else for (const value of values) next.append((isNegative(op) ? NOT : IS) + dimension, String(value));
  }
  return next;
}

export const isNegative = (op: Filter["op"]) => op === "ne" || op === "not_in";

const WORDS: Partial<Record<Filter["op"], string>> = {
  gt: "over",
  gte: "at least",
  lt: "under",
  lte: "at most",
  contains: "contains",
  not_contains: "does not contain",
  starts_with: "starts with",
  not_starts_with: "does not start with",
  ends_with: "ends with",
  not_ends_with: "does not end with",
};

/** The condition that a cell of an answer stands for. */
export function filterOf(dimension: string, value: Cell): Filter {
  return value === null ? { dimension, op: "is_null" } : { dimension, op: "eq", values: [value] };
}

export function filterText({ op, values = [] }: Filter): string {
  if (op === "is_null") return "empty";
  if (op === "is_not_null") return "not empty";
  const each = values.map(valueNames(values)).map(isolated);
  if (op === "between") return each.join(" to ");
  const names = each.join(" or ");
  if (WORDS[op]) return `${WORDS[op]} ${names}${op.startsWith("not_") ? " (or empty)" : ""}`;
  // What is not the value may have none: such rows are kept, unlike by the `<>` of a formula.
  return isNegative(op) ? `not ${names} (or empty)` : names;
}

/** The dimensions that every metric of a question has. */
export function dimensionsOf(question: Question, metrics: Metric[]): Dimension[] {
  const asked = question.metrics.map((id) => metrics.find((metric) => metric.metric_id === id));
  const [first, ...others] = asked;
  return (first?.dimensions ?? []).filter(({ name }) =>
    others.every((metric) => metric?.dimensions.some((each) => each.name === name)),
  );
}

/** A dimension as the catalog labels it, where one of these metrics has it. */
export function dimensionLabel(name: string, metrics: Metric[]): string {
  const known = metrics.flatMap((metric) => metric.dimensions).find((each) => each.name === name);
  return known?.label || humanName(name);
}

interface Filtered {
  question: Question;
  /** Dimensions of the page's conditions that this question lacks: those do not apply to it. */
  missing: string[];
}

/** The question under the page's conditions too, as far as it has their dimensions. */
export function withFilters(question: Question, filters: Filter[], metrics: Metric[]): Filtered {
  if (filters.length === 0) return { question, missing: [] };
  const dimensions = new Map(dimensionsOf(question, metrics).map((each) => [each.name, each]));
  const applied: Filter[] = [];
  const missing: string[] = [];
  for (const filter of filters) {
    const dimension = dimensions.get(filter.dimension);
    if (!dimension) missing.push(filter.dimension);
    else if (!filter.values) applied.push(filter);
    else
      applied.push({
        ...filter,
        values: filter.values.map((value) =>
          typeof value === "string" ? typedValue(value, dimension.type) : value,
        ),
      });
  }
  if (applied.length === 0) return { question, missing };
  return { question: { ...question, filters: [...(question.filters ?? []), ...applied] }, missing };
}
