import { describe, expect, it } from "vitest";
import type { Answer, Cell } from "@/api/types";
import { labelledTimes } from "@/widgets/trendOption";
import { isLastOpen, trendLines, wallClock } from "@/widgets/trendSeries";
import { anAnswer } from "./examples";

const time = { name: "time", type: "date", unit: null, role: "time", metric_id: null } as const;
const value = { name: "value", type: "integer", unit: "count", role: "value", metric_id: "m" } as const;
const previous = { ...value, name: "previous", role: "previous" } as const;
const region = { name: "region", type: "string", unit: null, role: "dimension", metric_id: null } as const;

function daily(
  rows: Cell[][],
  over: Partial<Answer["question"]> = {},
  columns: Answer["columns"] = [time, value],
): Answer {
  const answer = anAnswer(0);
  return { ...answer, columns, rows, question: { ...answer.question, grain: "day", ...over } };
}

const window = (end: string, timezone = "UTC") => ({
  name: "trailing_7d",
  start: "2026-11-01T00:00:00Z",
  end,
  timezone,
});

describe("the lines of a trend", () => {
  it("are one for a metric and one, dashed, for the period before it", () => {
    const answer = daily([["2026-11-01", 5, 4]], {}, [time, value, previous]);
    const lines = trendLines(answer, () => "Claims");
    expect(lines.map(({ name, isPrevious, points }) => [name, isPrevious, points[0]?.[1]])).toEqual([
      ["Claims", false, 5],
      ["Claims", true, 4],
    ]);
  });

  it("are one for each value of a dimension", () => {
    const rows: Cell[][] = [
      ["2026-11-01", "north", 1],
      ["2026-11-01", null, 2],
      ["2026-11-02", "north", 3],
    ];
    const lines = trendLines(daily(rows, {}, [time, region, value]), () => "Claims");
    expect(lines.map(({ name, points }) => [name, points.length])).toEqual([
      ["north", 2],
      ["(none)", 1],
    ]);
  });

  it("start their days where the zone does", () => {
    expect(wallClock("2026-11-01T05:00:00Z", "America/Chicago")).toBe(Date.parse("2026-11-01T00:00:00Z"));
    expect(wallClock("2026-11-01", "America/Chicago")).toBe(Date.parse("2026-11-01T00:00:00Z"));
  });

  it("label the newest bucket, and the others evenly before it", () => {
    const rows = Array.from({ length: 30 }, (_, day) => [`2026-11-${String(day + 1).padStart(2, "0")}`, day]);
    const days = labelledTimes(trendLines(daily(rows), () => "")).map((at) => new Date(at).getUTCDate());
    expect(days).toEqual([5, 10, 15, 20, 25, 30]);
  });
});

describe("the last bucket", () => {
  it.each([
    ["2026-11-22", "2026-11-23T00:00:00Z", false],
    ["2026-11-23", "2026-11-23T10:41:07Z", true],
  ])("of %s is open until %s: %s", (day, end, isOpen) => {
    expect(isLastOpen(daily([[day, 1]], { window: window(end) }))).toBe(isOpen);
  });

  it("ends with the month it belongs to", () => {
    const monthly = (end: string) => daily([["2026-10-01", 1]], { grain: "month", window: window(end) });
    expect(isLastOpen(monthly("2026-10-31T23:00:00Z"))).toBe(true);
    expect(isLastOpen(monthly("2026-11-01T00:00:00Z"))).toBe(false);
  });

  it("ends at the zone's midnight, not at Greenwich's", () => {
    const answer = daily([["2026-11-22", 1]], { window: window("2026-11-23T05:00:00Z", "America/Chicago") });
    expect(isLastOpen(answer)).toBe(true);
    const later = daily([["2026-11-22", 1]], { window: window("2026-11-23T06:00:00Z", "America/Chicago") });
    expect(isLastOpen(later)).toBe(false);
  });
});
