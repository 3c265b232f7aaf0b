/** What was written down of the time of a chart, at the bands in which it falls; of another metric it says nothing here. */
import type { Annotation } from "@/api/types";
import { wallOf } from "@/format/wall";
import type { Note, Rule } from "../plan";

const DAY = 86_400_000;

/** [from, to) as the wall clock has it; a day counts whole, and what has no end is a moment. */
function spanOf({ at, until }: Annotation, zone: string): [number, number] | null {
  const last = until ?? at;
  const [from, to] = [wallOf(at, zone), wallOf(last, zone)];
  if (!from || !to) return null;
  return [from.at, Math.max(from.at + 1, to.at + (last.includes("T") ? 0 : DAY))];
}

export const annotate: Rule = (plan, { frame, annotations }) => {
  const { buckets, zone, answer } = frame;
  if (plan.shape !== "over_time" || !annotations || buckets.length === 0) return plan;
  const begins = buckets.map(({ wall }) => wall?.at ?? Number.NaN);
  const end = wallOf(answer.question.window?.end ?? "", zone)?.at ?? Number.POSITIVE_INFINITY;
  const notes = annotations.flatMap((each): Note[] => {
    const span = spanOf(each, zone);
    const isOurs =
      each.metrics.length === 0 || each.metrics.some((name) => answer.question.metrics.includes(name));
    if (!span || !isOurs) return [];
    const [from, to] = span;
    const within = begins.flatMap((begin, band) =>
      begin < to && from < (begins[band + 1] ?? end) ? [band] : [],
    );
    const [first, last] = [within[0], within.at(-1)];
    return first === undefined || last === undefined
      ? []
      : [{ from: first, to: last, text: each.label, when: each.when }];
  });
  return notes.length === 0 ? plan : { ...plan, notes };
};
