/** Turns an answer with a time column into lines: one a metric, or one a dimension value. */
import type { Answer, Cell } from "@/api/types";
import { numberOf } from "@/ui/numbers";
import { cellAt, humanName, rowName, shapeOf } from "./shape";

export interface Line {
  name: string;
  points: [number, number | null][];
  isPrevious: boolean;
}

/** Where the bucket ends that begins at `start`, both on the wall clock. */
function bucketEnd(start: number, grain: string): number {
  const date = new Date(start);
  if (grain === "hour") return start + 3_600_000;
  if (grain === "day") return start + 86_400_000;
  if (grain === "week") return start + 7 * 86_400_000;
  const months = grain === "month" ? 1 : grain === "quarter" ? 3 : 12;
  return date.setUTCMonth(date.getUTCMonth() + months);
}

/** Whether the last bucket is still running: then it holds less than the others, and must not look like a fall. */
export function isLastOpen(answer: Answer): boolean {
  const { grain, window, as_of } = answer.question;
  const last = cellAt(answer.rows.at(-1), shapeOf(answer).time);
  if (last === null || !grain) return false;
  const timezone = window?.timezone ?? "UTC";
  return wallClock(window?.end ?? as_of, timezone) < bucketEnd(wallClock(String(last), timezone), grain);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** The wall clock of the zone as if it were UTC, so that a day starts where its people say it does. */
export function wallClock(value: string, timezone: string): number {
  if (DATE.test(value)) return Date.parse(`${value}T00:00:00Z`);
  const parts = new Intl.DateTimeFormat("sv-SE", {
    timeZone: timezone,
    dateStyle: "short",
    timeStyle: "medium",
  }).format(new Date(value));
  return Date.parse(`${parts.replace(" ", "T")}Z`);
}

export function trendLines(answer: Answer, labelOf: (metricId: string) => string): Line[] {
  const shape = shapeOf(answer);
  const timezone = answer.question.window?.timezone ?? "UTC";
  const lines = new Map<string, Line>();
  const put = (name: string, isPrevious: boolean, time: Cell, value: Cell) => {
    const key = `${isPrevious}:${name}`;
    const line = lines.get(key) ?? { name, points: [], isPrevious };
    line.points.push([wallClock(String(time), timezone), numberOf(value)]);
    lines.set(key, line);
  };
  for (const row of answer.rows) {
    const time = cellAt(row, shape.time);
    const part = rowName(row, shape);
    for (const value of shape.values) {
      const name = part || labelOf(value.metricId) || humanName(value.column.name);
      put(name, false, time, cellAt(row, value.index));
      if (value.previous !== null) put(name, true, time, cellAt(row, value.previous));
    }
  }
  return [...lines.values()];
}
