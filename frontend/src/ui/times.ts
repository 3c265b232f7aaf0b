/** Ages and moments in words. */

export function ageText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h`;
  return `${Math.floor(whole / 86_400)} d`;
}

/** "10:41:07" today, "22 Nov 10:41:07" on another day, in the given zone. */
export function clockText(iso: string, timezone: string, now: number = Date.now()): string {
  const date = new Date(iso);
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: timezone, day: "numeric", month: "short" });
  const time = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).format(date);
  return day.format(date) === day.format(now) ? time : `${day.format(date)} ${time}`;
}

/** A time bucket on an axis or in a table, as short as its grain allows. */
export function bucketText(value: string, grain: string | null, timezone: string): string {
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(value) ? `${value}T00:00:00Z` : value);
  if (Number.isNaN(date.getTime())) return value;
  const zone = /^\d{4}-\d{2}-\d{2}$/.test(value) ? "UTC" : timezone;
  const format = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(date);
  if (grain === "year") return format({ year: "numeric" });
  if (grain === "quarter")
    return `Q${Math.ceil(Number(format({ month: "numeric" })) / 3)} ${format({ year: "numeric" })}`;
  if (grain === "month") return format({ month: "short", year: "numeric" });
  if (grain === "hour") return format({ day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
  return format({ day: "numeric", month: "short" });
}
