/** What stands at the axis of time: few labels, evenly, the newest among them; the year where it changes; the zone where it is not the reader's. */
import type { Band, Plan, Rule, Tick } from "../plan";

/** As many labels at most. */
export const LABELS = 6;

/** Every so-many-th band, counted back from the last, so that labels stand evenly and the newest has one. */
export function ticksOf(bands: Band[], present: number | null, most = LABELS): Tick[] {
  const stride = Math.max(1, Math.ceil(bands.length / most));
  let year = present;
  return bands.flatMap((band, index) => {
    if ((bands.length - 1 - index) % stride !== 0) return [];
    const isNew = band.year !== null && band.year !== year;
    year = band.year ?? year;
    return [
      {
        band: index,
        text: isNew && !band.short.includes(String(band.year)) ? `${band.short} ${band.year}` : band.short,
      },
    ];
  });
}

const UNIT_OF: Record<string, string> = { hour: "hours", day: "days", week: "weeks" };

export const axisWords: Rule = (plan, { frame, readerZone }): Plan => {
  if (plan.shape !== "over_time") return plan;
  const present = new Date(frame.answer.question.as_of).getUTCFullYear();
  const year = Number.isNaN(present) ? null : present;
  const isOther = frame.zone !== readerZone;
  const units = UNIT_OF[frame.grain ?? ""];
  return {
    ...plan,
    year,
    ticks: ticksOf(plan.bands, year),
    zone: isOther && units ? `${units} in ${frame.zone}` : null,
  };
};
