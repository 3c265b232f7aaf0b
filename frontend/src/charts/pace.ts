/**
 * Where a running total leads, if the rest of its window goes as it went so far: dots to the window's end, never a filled line.
 * It is drawn once a tenth of the window is over; before that a day more or less would turn it.
 */
import { numberOf, shortText } from "@/format/numbers";
import { wallText, yearOf } from "@/format/times";
import { type Wall, wallOf } from "@/format/wall";
import type { Frame } from "./frame";
import type { Band, Plan } from "./plan";

const DAY = 86_400_000;
const LEAST = 0.1;
const MONTHS: Record<string, number> = { month_to_date: 1, quarter_to_date: 3, year_to_date: 12 };

/** Where a window to date ends once it is over, as the wall clock has it; null for all others. */
function endOf(name: string | null, start: Wall): number | null {
  if (name === "week_to_date") return start.at + 7 * DAY;
  const months = MONTHS[name ?? ""];
  const date = new Date(start.at);
  return months === undefined ? null : Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
}

const bandOf = (at: number): Band => {
  const wall = { at, offset: null };
  const label = wallText(wall, "day");
  const isWeekend = [0, 6].includes(new Date(at).getUTCDay());
  return {
    key: `ahead ${at}`,
    label,
    short: label,
    year: yearOf(wall),
    state: "ahead",
    isWeekend,
    pick: null,
  };
};

export function withPace(plan: Plan, frame: Frame): Plan {
  const { window } = frame.answer.question;
  const [start, now] = [wallOf(window?.start ?? "", frame.zone), wallOf(window?.end ?? "", frame.zone)];
  const end = start && endOf(window?.name ?? null, start);
  const own = plan.lines.find(({ series }) => plan.series[series]?.role === "own");
  const today = frame.buckets.at(-1)?.wall;
  const total = numberOf(own?.values.findLast((value) => value !== null) ?? null);
  if (frame.grain !== "day" || !start || !now || !end || !today || total === null || total <= 0) return plan;
  const over = (now.at - start.at) / (end - start.at);
  const count = Math.round((end - today.at) / DAY) - 1;
  if (over < LEAST || over >= 1 || count < 1) return plan;
  const perDay = (total / over - total) / ((end - now.at) / DAY);
  const ahead = Array.from({ length: count }, (_, index) => bandOf(today.at + (index + 1) * DAY));
  const last = plan.bands.length - 1;
  const at = (band: Band, index: number) =>
    index < last
      ? null
      : index === last
        ? total
        : total + perDay * ((Number(band.key.slice(6)) + DAY - now.at) / DAY);
  const bands = [...plan.bands, ...ahead];
  const values = bands.map(at);
  const longer = <T>(held: T[], filler: T): T[] => [...held, ...ahead.map(() => filler)];
  const goal = shortText(values.at(-1) ?? null, plan.scale.unit, plan.format);
  return {
    ...plan,
    bands,
    series: [
      ...plan.series,
      { key: "pace", name: `pace ${goal}`, hue: "accent", role: "ahead", dimension: null },
    ],
    lines: [
      ...plan.lines.map((line) => ({
        ...line,
        values: longer(line.values, null),
        to: longer(line.to, null),
        base: line.base && longer(line.base, 0),
      })),
      { series: plan.series.length, values, to: values, base: null },
    ],
  };
}
