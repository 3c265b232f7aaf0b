/** The chart in words, for whoever does not see it: each series by itself, gaps and partial ends said. */
import type { Cell } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { type Line, markText, type Plan, type Rule, shareText, sizeOf } from "../plan";
import { extremes } from "../scale";

const MOST = 8;
/** Nobody listens to more. */
const MOST_BARS = 100;

/** Shares are told as shares: what each part was of its band at least, at most and last. */
function shareWords(line: Line, plan: Plan): string {
  const share = line.to.map((to, band) => (to === null ? null : to - (line.base?.[band] ?? 0)));
  const whole = share.flatMap((each, band) => (plan.bands[band]?.state === "whole" ? (each ?? []) : []));
  const last = share.findLast((each) => each !== null) ?? null;
  const name = plan.series[line.series]?.name ?? "";
  if (last === null || whole.length === 0) return `${name} no values`;
  const [low, high] = extremes(whole);
  return `${name} lowest ${shareText(low)}, highest ${shareText(high)}, last ${shareText(last)}`;
}

function lineWords(line: Line, plan: Plan, isAlone: boolean): string {
  if (plan.isShare) return shareWords(line, plan);
  const say = (value: Cell) => markText(plan, line.series, value);
  const name = isAlone ? "" : `${plan.series[line.series]?.name ?? ""} `;
  const whole = line.values.flatMap((value, band) =>
    plan.bands[band]?.state === "whole" ? (numberOf(value) ?? []) : [],
  );
  const lastAt = line.values.findLastIndex((value) => value !== null);
  if (lastAt === -1) return `${name}no values`;
  const last = say(line.values[lastAt] ?? null);
  const state = plan.bands[lastAt]?.state;
  const end = state === "so_far" ? `in the last so far ${last}` : `last ${last}`;
  if (whole.length === 0) return `${name}${end}`;
  const [low, high] = extremes(whole);
  return `${name}lowest ${say(low)}, highest ${say(high)}, ${end}`;
}

/** Beside lines, bars are told as lines are: by their lowest, highest and last. */
function ownLines(plan: Plan): Line[] {
  const own = plan.lines.filter(({ series }) => plan.series[series]?.role === "own");
  if (own.length === 0 || plan.bars.length === 0) return own;
  const standing = [...new Set(plan.bars.map(({ series }) => series))].map((series): Line => {
    const values = plan.bands.map(
      (_, band) => plan.bars.find((bar) => bar.series === series && bar.band === band)?.value ?? null,
    );
    return { series, values, to: values.map(numberOf), base: null };
  });
  return [...standing, ...own];
}

function gapWords(plan: Plan): string {
  const own = plan.lines.filter(({ series }) => plan.series[series]?.role === "own");
  if (own.length === 0) return "";
  const begun = plan.bands.flatMap(({ state }, band) => (state === "ahead" ? [] : [band]));
  const absent = begun.filter((band) => own.every((line) => line.values[band] === null)).length;
  return absent === 0 ? "" : `; ${absent} of ${begun.length} without data`;
}

/** The last target of a line, which stands beside what was reached. */
function targetToldOf(plan: Plan): string {
  const line = plan.lines.find(({ series }) => plan.series[series]?.role === "target");
  const at = line?.values.findLastIndex((value) => value !== null) ?? -1;
  const value = line?.values[at];
  if (!line || at === -1 || value === undefined) return "";
  return `; target ${markText(plan, line.series, value)} for ${plan.bands[at]?.label}`;
}

export const sentence: Rule = (plan) => {
  const [first, last] = [plan.bands[0], plan.bands.findLast(({ state }) => state !== "ahead")];
  if (!first || !last) return { ...plan, sentence: `${plan.label}: no values.` };
  const own = ownLines(plan);
  const told = own.slice(0, MOST).map((line) => lineWords(line, plan, own.length === 1));
  if (own.length > MOST) told.push(`and ${own.length - MOST} more`);
  if (own.length === 0) {
    if (plan.bars.length > MOST_BARS) told.push(`the first ${MOST_BARS} of ${plan.bars.length} bars`);
    told.push(
      ...plan.bars.slice(0, MOST_BARS).map((bar) => {
        const names = [
          plan.bands[bar.band]?.label,
          plan.series.length > 1 ? plan.series[bar.series]?.name : "",
        ];
        const share = plan.isShare ? `${shareText(sizeOf(bar))}, ` : "";
        return `${names.filter(Boolean).join(", ")} ${share}${markText(plan, bar.series, bar.value)}`;
      }),
    );
  }
  const range = first === last ? first.label : `${first.label} to ${last.label}`;
  const head = own.length > 0 ? `${plan.label}, ${range}` : plan.label;
  const pace = plan.series.find(({ role }) => role === "ahead");
  const ahead = pace ? `; ${pace.name} by ${plan.bands.at(-1)?.label}` : "";
  const noted = (plan.notes ?? []).slice(0, MOST).map(({ text, when }) => `; noted: ${text} (${when})`);
  const axis = plan.scale.reason ? `; ${plan.scale.reason}` : "";
  return {
    ...plan,
    sentence: `${head}: ${told.join("; ")}${gapWords(plan)}${targetToldOf(plan)}${ahead}${axis}${noted.join("")}.`,
  };
};
