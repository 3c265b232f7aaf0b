/** Ages, moments and buckets in words. */
import { wallFormat } from "./locale";
import { type Wall, wallOf } from "./wall";

export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

const DAY = { day: "numeric", month: "short" } as const;
const DAY_AND_YEAR = { ...DAY, year: "numeric" } as const;
const MINUTE = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const SECOND = { ...MINUTE, second: "2-digit" } as const;

/** "2 Nov", or "2 Nov 2025" where the year has to be said. */
export const dayText = ({ at }: Wall, withYear = false): string =>
  wallFormat(withYear ? DAY_AND_YEAR : DAY).format(at);
export const minuteText = ({ at }: Wall): string => wallFormat(MINUTE).format(at);
export const yearOf = ({ at }: Wall): number => new Date(at).getUTCFullYear();

/** "10:41:07" today, "22 Nov 10:41:07" on another day, with its year where that is another, in the given zone. */
export function clockText(text: string, zone: string, now: number = Date.now()): string {
  const wall = wallOf(text, zone);
  const present = wallOf(new Date(now).toISOString(), zone);
  if (!wall || !present) return text;
  const time = wallFormat(SECOND).format(wall.at);
  const isOtherYear = yearOf(wall) !== yearOf(present);
  return dayText(wall, true) === dayText(present, true) ? time : `${dayText(wall, isOtherYear)} ${time}`;
}

/** A time bucket on an axis or in a table, as short as its grain allows. */
export function wallText(wall: Wall, grain: string | null, withYear = false): string {
  const { at } = wall;
  switch (grain) {
    case "year":
      return String(yearOf(wall));
    case "quarter":
      return `Q${Math.floor(new Date(at).getUTCMonth() / 3) + 1} ${yearOf(wall)}`;
    case "month":
      return wallFormat({ month: "short", year: "numeric" }).format(at);
    case "hour":
      return `${dayText(wall, withYear)}, ${minuteText(wall)}`;
    default:
      return dayText(wall, withYear);
  }
}

export function bucketText(value: string, grain: string | null, zone: string): string {
  const wall = wallOf(value, zone);
  return wall ? wallText(wall, grain) : value;
}
