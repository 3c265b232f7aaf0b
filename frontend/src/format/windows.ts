/** Windows in words. A window is half-open: its start belongs to it, its end does not. */
import { dayText, minuteText, yearOf } from "./times";
import { type Wall, wallOf } from "./wall";

export interface Bounds {
  name: string | null;
  start: string;
  end: string;
  timezone: string;
}

const UNITS: Record<string, string> = { h: "hours", d: "days" };

/** "month_to_date" -> "month to date", "trailing_30d" -> "last 30 days". */
export function windowLabel(name: string | null): string {
  if (!name || name === "between") return "";
  const trailing = /^trailing_(\d+)([hd])$/.exec(name);
  if (trailing) return `last ${trailing[1]} ${UNITS[trailing[2] ?? "d"]}`;
  return name === "all" ? "all time" : name.replaceAll("_", " ");
}

const TO_DATE: Record<string, string> = {
  month_to_date: "same days last month",
  quarter_to_date: "same days last quarter",
  year_to_date: "same days last year",
  week_to_date: "same days last week",
  today: "yesterday",
};

/** What of a resolved question decides how its comparison reads. */
export interface Compared {
  window: Bounds | null;
  previous: { start: string; end: string } | null;
  as_of: string;
  compare: string | null;
}

const DAY_MS = 86_400_000;

function wholeDays(from: string, to: string): string | null {
  const days = (Date.parse(to) - Date.parse(from)) / DAY_MS;
  return Number.isInteger(days) && days > 0 ? `${days} day${days === 1 ? "" : "s"}` : null;
}

/** What a change is measured against: "vs prev 30 days", "vs same days last month", "vs 7 days ago". */
export function comparedWith({ window, previous, as_of, compare }: Compared): string {
  if (compare === "previous_year") return "vs a year before";
  if (window === null) {
    // A state as of now is compared with the state as it was.
    const ago = previous && wholeDays(previous.end, as_of);
    return ago ? `vs ${ago} ago` : "vs before";
  }
  if (window.name && TO_DATE[window.name]) return `vs ${TO_DATE[window.name]}`;
  const trailing = /^trailing_(\d+)([hd])$/.exec(window.name ?? "");
  if (trailing) return `vs prev ${trailing[1]} ${UNITS[trailing[2] ?? "d"]}`;
  const length = wholeDays(window.start, window.end);
  return length ? `vs prev ${length}` : "vs period before";
}

/** "1 Nov 00:00", as the zone's clocks show it; null where this browser cannot say. */
function moment(text: string, timezone: string, withYear: boolean): string | null {
  const wall = wallOf(text, timezone);
  return wall && `${dayText(wall, withYear)} ${minuteText(wall)}`;
}

const yearIn = (text: string, timezone: string) => {
  const wall = wallOf(text, timezone);
  return wall && yearOf(wall);
};

/** A window of whole days by its first and last day, both inside: "1 Nov to 14 Nov". Null where it is cut within a day. */
export function windowSpan({ start, end, timezone }: Bounds): string | null {
  const [from, to] = [wallOf(start, timezone), wallOf(end, timezone)];
  const isMidnight = (wall: Wall) => wall.at % DAY_MS === 0;
  if (!from || !to || !isMidnight(from) || !isMidnight(to)) return null;
  const last = { ...to, at: to.at - 1 };
  const year = yearOf(from) !== yearOf(last);
  const days = [dayText(from, year), dayText(last, year)];
  return days[0] === days[1] ? (days[0] ?? null) : days.join(" to ");
}

/** "1 Nov 00:00 → now, UTC". The end is "now" when it is the very moment of asking. */
export function windowWords(window: Bounds | null, asOf: string): string {
  if (!window) return "no window: as it stood when asked";
  const { start, end, timezone } = window;
  const present = yearIn(asOf, timezone);
  const year = yearIn(start, timezone) !== present || yearIn(end, timezone) !== present;
  const open = Date.parse(end) === Date.parse(asOf);
  const from = moment(start, timezone, year) ?? start;
  return `${from} → ${open ? "now" : (moment(end, timezone, year) ?? end)}, ${timezone}`;
}
