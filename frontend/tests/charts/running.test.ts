import { describe, expect, it } from "vitest";
import type { Answer, Cell, Widget } from "@/api/types";
import { isHero, runningOf } from "@/charts/running";
import { answerOf, before, count, cut, freshHues, metric, svgOf, time } from "./drawing";

const usd = { ...count, type: "decimal" as const, unit: "usd" };
const widget: Widget = {
  kind: "kpi",
  question: { metrics: ["m"], compare: "previous_period" },
  spark: { metrics: ["m"], grain: "day", compare: "previous_period" },
};
const days = (rows: Cell[][], over: Partial<Answer> = {}): Answer => ({
  ...answerOf([time, usd, { ...before, ...usd, name: "previous", role: "previous" }], rows, { grain: "day" }),
  ...over,
});
const NOVEMBER = days([
  ["2026-11-01", "0.10", "1.00"],
  ["2026-11-02", "0.20", null],
  ["2026-11-04", "9007199254740993.00", "2.00"],
]);
const TOTAL = "9007199254740993.30";

const running = (answer: Answer, value: Cell, previous: Cell, adds_up = true) =>
  runningOf(
    widget,
    answer,
    { value, previous, metric: metric({ adds_up }) },
    [metric({ adds_up })],
    "Claims",
    {
      hueOf: freshHues(),
      readerZone: "UTC",
    },
  );

describe("a figure's window as a running total", () => {
  it("holds each day with all before it, to the last digit, and days without rows", () => {
    const plan = running(NOVEMBER, TOTAL, "3.00");
    expect(plan?.bands.map(({ label }) => label)).toEqual(["1 Nov", "2 Nov", "3 Nov", "4 Nov"]);
    expect(plan?.lines.map(({ values }) => values)).toEqual([
      ["0.10", "0.30", "0.30", TOTAL],
      ["1.00", "1.00", "1.00", "3.00"],
    ]);
    expect(plan?.scale.low).toBe(0);
    expect(plan && svgOf(plan).querySelectorAll("path").length).toBeGreaterThan(1);
    expect(plan?.sentence).toMatch(/^Claims, running total, 1 Nov to 4 Nov/);
  });

  it("leads on in dots to the end of its month, as it went so far", () => {
    const window = {
      name: "month_to_date",
      start: "2026-11-01T00:00:00Z",
      end: "2026-11-16T00:00:00Z",
      timezone: "UTC",
    };
    const rows = Array.from({ length: 15 }, (_, day) => [
      `2026-11-${String(day + 1).padStart(2, "0")}`,
      "10.00",
      "5.00",
    ]);
    const plan = running(days(rows, { question: { ...NOVEMBER.question, window } }), "150.00", "75.00");
    const ahead = plan?.lines.find(({ series }) => plan.series[series]?.role === "ahead");
    expect(plan?.bands).toHaveLength(30);
    expect(ahead?.values.slice(0, 14).every((value) => value === null)).toBe(true);
    expect([ahead?.values[14], ahead?.values[15], ahead?.values[29]]).toEqual([150, 160, 300]);
    expect(ahead?.base).toBeNull();
    expect(plan?.sentence).toContain("1 Nov to 15 Nov");
    expect(plan?.sentence).toContain("; pace $300 by 30 Nov.");
    // Another window than one to date has no end to lead to, and too young a one no pace yet.
    const trailing = { ...window, name: "trailing_15d" };
    expect(
      running(days(rows, { question: { ...NOVEMBER.question, window: trailing } }), "150.00", "75.00")?.bands,
    ).toHaveLength(15);
    const young = { ...window, end: "2026-11-03T00:00:00Z" };
    expect(
      running(days(rows.slice(0, 2), { question: { ...NOVEMBER.question, window: young } }), "20.00", "10.00")
        ?.bands,
    ).toHaveLength(2);
  });

  it("is not drawn where the days do not come to the figure, by one cent", () => {
    expect(running(NOVEMBER, "9007199254740993.31", "3.00")).toBeNull();
  });

  it("leaves out what was before where that does not come to the figure compared with", () => {
    expect(running(NOVEMBER, TOTAL, "3.01")?.series.map(({ role }) => role)).toEqual(["own"]);
    expect(running(NOVEMBER, TOTAL, null)?.series.map(({ role }) => role)).toEqual(["own"]);
  });

  it("is never made of a metric that does not add up, nor of rows that were cut", () => {
    expect(running(NOVEMBER, TOTAL, "3.00", false)).toBeNull();
    expect(running(cut(NOVEMBER), TOTAL, "3.00")).toBeNull();
  });

  it("is of figures whose line is compared as they are", () => {
    expect(isHero(widget)).toBe(true);
    expect(isHero({ ...widget, kind: "trend" })).toBe(false);
    expect(isHero({ ...widget, spark: { metrics: ["m"], grain: "day" } })).toBe(false);
  });
});
