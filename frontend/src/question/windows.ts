import type { WindowChoice } from "@/api/types";
import { windowLabel, windowSpan } from "@/format/windows";
import { capital } from "@/format/words";

export const OWN = "own";

export const WINDOW_CHOICES = [
  { value: OWN, label: "Each metric's own" },
  ...[
    "today",
    "trailing_7d",
    "trailing_30d",
    "trailing_90d",
    "week_to_date",
    "month_to_date",
    "quarter_to_date",
    "year_to_date",
    "previous_month",
    "previous_quarter",
    "last 12 months",
  ].map((value) => ({ value, label: windowName(value) })),
];

/** Windows by number, and those of periods that a workspace has of its own: the server knows which of them there are. */
const FURTHER =
  /^(?:all|(?:last|next) [1-9]\d{0,3} (?:whole )?[a-z][a-z0-9_]*|previous_[a-z][a-z0-9_]*|[a-z][a-z0-9_]*_to_date)$/;
const BETWEEN = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;

/** The window as it stands in the URL: a name, or "2026-10-01..2026-11-01"; anything else is no choice. */
export function readWindow(text: string | null): WindowChoice | null {
  if (!text) return null;
  const between = BETWEEN.exec(text);
  if (between?.[1] && between[2]) return { start: between[1], end: between[2] };
  const isKnown = FURTHER.test(text) || WINDOW_CHOICES.some(({ value }) => value === text && value !== OWN);
  return isKnown ? text : null;
}

export function writeWindow(window: WindowChoice | null): string | null {
  if (window === null || typeof window === "string") return window;
  return `${window.start}..${window.end}`;
}

export function windowName(window: WindowChoice | null): string {
  if (window === null) return "Own windows";
  if (typeof window === "string") return capital(windowLabel(window));
  const bounds = {
    name: null,
    start: `${window.start}T00:00:00Z`,
    end: `${window.end}T00:00:00Z`,
    timezone: "UTC",
  };
  return windowSpan(bounds) ?? `${window.start} to ${window.end}`;
}

/** The day after, as dates are written: windows end before their end. */
export function dayAfter(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

export function dayBefore(date: string): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}
