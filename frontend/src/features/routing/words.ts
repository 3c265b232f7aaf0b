import type { Backend, Comparison, Gap, GrainCompared, Metric, RouteChange, Verdict } from "@/api/types";
import { currencyOf, exactText, numberOf, type Value } from "@/format/numbers";
import { bucketText } from "@/format/times";
import { capital } from "@/format/words";

export const STATE_WORDS: Record<Backend["state"], string> = {
  ready: "ready",
  down: "down",
  not_configured: "not configured",
};

export const VERDICT_WORDS: Record<Verdict, string> = {
  equal: "equal",
  within_tolerance: "within tolerance",
  differs: "differs",
  not_comparable: "not comparable",
};

export const hasPassed = (verdict: Verdict) => verdict === "equal" || verdict === "within_tolerance";

/** A side by side of two dimensions is called "region x channel" on the wire. */
export const isPair = (grain: string) => grain.includes(" x ");

const TIME = "time:";

/** "time:day" is by day, "time:day x region" is Day × Region; dimensions go by their labels. */
export function grainWords(grain: string, metric: Metric | undefined): string {
  if (grain === "total") return "Total";
  if (grain === "this question") return "This question";
  if (grain.startsWith(TIME) && !isPair(grain)) return `By ${grain.slice(TIME.length)}`;
  const labels = new Map(metric?.dimensions.map(({ name, label }) => [name, label]));
  return grain
    .split(" x ")
    .map((name) => (name.startsWith(TIME) ? capital(name.slice(TIME.length)) : (labels.get(name) ?? name)))
    .join(" × ");
}

function partWords(part: Gap["key"][number], key: string): string {
  if (part === null) return "(empty)";
  if (typeof part === "boolean") return part ? "yes" : "no";
  // Buckets are named by the local time at which they begin: there is no zone left to take into account.
  if (key.startsWith(TIME)) return bucketText(part, key.slice(TIME.length), "UTC");
  return part.trim() === "" ? "(blank)" : part;
}

/** A group by its name, whatever it is made of. */
export function groupWords(gap: Gap, grain: string): string {
  const keys = grain.split(" x ");
  return gap.key.map((part, place) => partWords(part, keys[place] ?? "")).join(" / ") || "the total";
}

/** To the last digit. Backends leave zeros at the end out; of money the cents are always said. */
export function amountText(value: Value, unit: string | null): string {
  if (typeof value !== "string" || !currencyOf(unit) || !/^-?\d+(\.\d)?$/.test(value)) {
    return exactText(value, unit);
  }
  return exactText(value.includes(".") ? `${value}0` : `${value}.00`, unit);
}

/** With its sign, to the last digit: +$12.50, −3. */
export function signedText(value: string | null, unit: string | null): string {
  const number = numberOf(value);
  if (value === null || number === null) return "–";
  return number > 0 ? `+${amountText(value, unit)}` : amountText(value, unit);
}

/** How much of it: −12.9%. Nothing where there was nothing before. */
export function gapShare(difference: string | null, of: Gap["from"]): string | null {
  const whole = typeof of === "boolean" ? null : numberOf(of);
  const part = numberOf(difference);
  if (!whole || part === null) return null;
  const percent = (part / Math.abs(whole)) * 100;
  const size = Math.abs(percent);
  if (size < 0.001) return percent < 0 ? ">−0.001%" : "<0.001%";
  const digits = size < 0.1 ? 3 : 1;
  return `${percent < 0 ? "−" : "+"}${size.toFixed(digits)}%`;
}

const totalOf = (comparison: Comparison): GrainCompared | undefined =>
  comparison.grains.find((each) => each.grain === "total");

/** The gap of the metric's total, where its total differs. */
export const totalGap = (comparison: Comparison): Gap | null => totalOf(comparison)?.largest[0] ?? null;

/** What was found, in one sentence and in the metric's own unit. */
export function verdictSentence(comparison: Comparison, unit: string | null): string {
  const { verdict, grains, from, to, reason } = comparison;
  const all = `all ${grains.length} grains`;
  if (verdict === "equal") return `${from} and ${to} give the same at ${all}.`;
  if (verdict === "within_tolerance") return `${from} and ${to} agree within the tolerance at ${all}.`;
  if (verdict === "not_comparable") return `${reason}.`;
  const wrong = grains.filter((each) => each.verdict === "differs").length;
  const at = `at ${wrong} of ${grains.length} grains`;
  const gap = totalGap(comparison);
  const number = numberOf(gap?.difference ?? null);
  if (!gap || !number) return `${to} gives the same total as ${from}, but other groups: it differs ${at}.`;
  const size = amountText((gap.difference ?? "").replace("-", ""), unit);
  return `${to} gives ${size} ${number > 0 ? "more" : "less"} than ${from}, ${at}.`;
}

const CHANGE_WORDS: Record<string, string> = {
  first: "first route",
  proven: "shown to agree",
  accepted: "difference accepted",
  rolled_back: "rolled back",
};

export const changeWords = (change: RouteChange): string => CHANGE_WORDS[change.kind] ?? change.kind;

export function millisecondsText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`;
  return `${ms >= 10 ? Math.round(ms) : ms.toFixed(1)} ms`;
}

/** "3 hours", as one says it; the server's own words for the same are in its reason. */
export function spanText(seconds: number): string {
  const steps: [number, string][] = [
    [86_400, "days"],
    [3_600, "hours"],
    [60, "minutes"],
  ];
  for (const [size, unit] of steps) {
    if (seconds >= 2 * size) return `${Math.round(seconds / size)} ${unit}`;
  }
  return `${Math.max(1, Math.round(seconds))} s`;
}
