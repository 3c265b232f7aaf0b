/** Windows in words. A window is half-open: its start belongs to it, its end does not. */

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
  return name.replaceAll("_", " ");
}

const TO_DATE: Record<string, string> = {
  month_to_date: "same days last month",
  quarter_to_date: "same days last quarter",
  year_to_date: "same days last year",
  week_to_date: "same days last week",
  today: "yesterday",
};

/** What a change is measured against: "vs prev 30 days", "vs same days last month". */
export function comparedWith(name: string | null, compare: string | null): string {
  if (compare === "previous_year") return "vs a year before";
  if (name && TO_DATE[name]) return `vs ${TO_DATE[name]}`;
  const trailing = /^trailing_(\d+)([hd])$/.exec(name ?? "");
  if (trailing) return `vs prev ${trailing[1]} ${UNITS[trailing[2] ?? "d"]}`;
  return "vs period before";
}

function moment(iso: string, timezone: string, withYear: boolean): string {
  const date = new Date(iso);
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    day: "numeric",
    month: "short",
    ...(withYear ? { year: "numeric" as const } : {}),
  }).format(date);
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
  }).format(date);
  return `${parts} ${time}`;
}

const yearIn = (iso: string, timezone: string) =>
  new Intl.DateTimeFormat("en-GB", { timeZone: timezone, year: "numeric" }).format(new Date(iso));

/** "1 Nov 00:00 → now, UTC". The end is "now" when it is the very moment of asking. */
export function windowWords(window: Bounds | null, asOf: string): string {
  if (!window) return "no window: as it stood when asked";
  const { start, end, timezone } = window;
  const present = yearIn(asOf, timezone);
  const year = yearIn(start, timezone) !== present || yearIn(end, timezone) !== present;
  const open = Date.parse(end) === Date.parse(asOf);
  return `${moment(start, timezone, year)} → ${open ? "now" : moment(end, timezone, year)}, ${timezone}`;
}
