/** Buckets of time in their order, those included that no row speaks of: what is missing is a gap, not a neighbour. */
import { wallText, yearOf } from "@/format/times";
import { instantOf, offsetAt, offsetText, type Wall, wallOf } from "@/format/wall";

export interface Bucket {
  /** As it travelled; of a bucket that did not travel, a name of its own. */
  key: string;
  /** As short as its grain allows, with what tells it from every other of the same chart. */
  label: string;
  wall: Wall | null;
  /** Cut by the window, or still running: then it holds less than the others and must not look like a fall. */
  state: "whole" | "cut" | "so_far";
}

interface BucketsAsked {
  grain: string;
  zone: string;
  /** Bounds of the window, where the answer says what an absent bucket means: they begin and end the axis. */
  from: string | null;
  to: string | null;
  partial: ReadonlyMap<string, "cut" | "so_far">;
  /** What all buckets of the window are called, by their keys, where the grain is one of the workspace's own calendar. */
  periods?: ReadonlyMap<string, string>;
}

const HOUR = 3_600_000;
const DAY = 86_400_000;
const WEEK = 7 * DAY;
const MONTHS: Record<string, number> = { month: 1, quarter: 3, year: 12 };
/** More than this nobody draws; then a gap is one bucket wide. */
const MOST = 20_000;

/** What buckets are ordered by: hours by instant, as an hour may come twice on the clock; days and longer by the calendar. */
export const placeOf = (wall: Wall, grain: string) => (grain === "hour" ? instantOf(wall) : wall.at);

/** Where the next bucket begins, on the same scale. */
function next(place: number, grain: string): number {
  if (grain === "hour") return place + HOUR;
  const months = MONTHS[grain];
  if (months === undefined) return place + (grain === "week" ? 7 : 1) * DAY;
  return new Date(place).setUTCMonth(new Date(place).getUTCMonth() + months);
}

/** Where the bucket ends that is so many behind another; null of a calendar that only the workspace knows. */
export function endBehind({ at }: Wall, grain: string, count: number): number | null {
  if (grain !== "week" && grain !== "day" && MONTHS[grain] === undefined) return null;
  let place = at;
  for (let behind = 0; behind <= count; behind += 1) place = next(place, grain);
  return place;
}

/** The beginning of the bucket that a moment lies in; weeks begin on the day on which the one at `known` does. */
function floor(wall: Wall, grain: string, known: number): number {
  if (grain === "hour") return instantOf({ ...wall, at: Math.floor(wall.at / HOUR) * HOUR });
  const day = Math.floor(wall.at / DAY) * DAY;
  if (grain === "day") return day;
  const date = new Date(day);
  if (grain === "week") return day - ((((day - known) % WEEK) + WEEK) % WEEK);
  const months = MONTHS[grain] ?? 1;
  return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months, 1);
}

function wallAt(place: number, grain: string, zone: string): Wall {
  if (grain !== "hour") return { at: place, offset: null };
  const offset = offsetAt(place, zone) ?? 0;
  return { at: place + offset * 60_000, offset };
}

export function bucketsOf(values: string[], asked: BucketsAsked): Bucket[] {
  const { grain, zone, partial } = asked;
  const known = new Map<number, { key: string; wall: Wall }>();
  const unread: string[] = [];
  for (const key of new Set(values)) {
    const wall = wallOf(key, zone);
    if (wall) known.set(placeOf(wall, grain), { key, wall });
    else unread.push(key);
  }
  const places = [...known.keys()].sort((a, b) => a - b);
  const named = new Map([...(asked.periods ?? [])].map(([key, label]) => [Date.parse(key), label]));
  const filled = named.size > 0 ? fillPeriods([...named.keys()], places, asked) : fill(places, asked);
  const walls = filled.map((place) => known.get(place)?.wall ?? wallAt(place, grain, zone));
  const years = new Set(walls.map(yearOf));
  const labels = walls.map((wall) => wallText(wall, grain, years.size > 1));
  const twice = new Set(labels.filter((label, index) => label === labels[index - 1]));
  const buckets = filled.map((place, index): Bucket => {
    const wall = walls[index] ?? null;
    const key = known.get(place)?.key ?? `absent ${place}`;
    const label = named.get(place) ?? labels[index] ?? key;
    const isTwice = wall !== null && wall.offset !== null && twice.has(label);
    return {
      key,
      label: isTwice ? `${label} (${offsetText(wall.offset ?? 0)})` : label,
      wall,
      state: partial.get(key) ?? "whole",
    };
  });
  const others = unread.map((key): Bucket => ({ key, label: key, wall: null, state: "whole" }));
  return [...buckets, ...others];
}

/** The periods from the first to the last, none left out. */
function fillPeriods(periods: number[], places: number[], { zone, from, to }: BucketsAsked): number[] {
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return [];
  const end = to === null ? null : wallOf(to, zone);
  return periods.filter(
    (place) => (from !== null || place >= first) && (place <= last || (end !== null && place < end.at)),
  );
}

/** All places from the first to the last, none left out. */
function fill(places: number[], { grain, zone, from, to }: BucketsAsked): number[] {
  const [first, last] = [places[0], places.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [start, end] = [from === null ? null : wallOf(from, zone), to === null ? null : wallOf(to, zone)];
  const begin = start ? Math.min(first, floor(start, grain, first)) : first;
  const stop = end ? Math.max(last, floor({ ...end, at: end.at - 1 }, grain, first)) : last;
  const filled: number[] = [];
  let index = 0;
  for (let place = begin; place <= stop && filled.length < MOST; ) {
    filled.push(place);
    while ((places[index] ?? Number.POSITIVE_INFINITY) <= place) index += 1;
    // Where the clocks change by half an hour, the next known bucket may begin before a whole one is over.
    place = Math.min(next(place, grain), places[index] ?? Number.POSITIVE_INFINITY);
  }
  if (filled.length < MOST) return filled;
  return places.flatMap((place, at) =>
    next(place, grain) < (places[at + 1] ?? place) ? [place, next(place, grain)] : [place],
  );
}
