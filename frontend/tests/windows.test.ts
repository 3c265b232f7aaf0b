import { describe, expect, it } from "vitest";
import { ageText, bucketText } from "@/format/times";
import { comparedWith, windowLabel, windowSpan, windowWords } from "@/format/windows";

const between = (start: string, end: string, timezone = "UTC") => ({ name: "between", start, end, timezone });

describe("a window in words", () => {
  it("ends now when its end is the moment of asking", () => {
    const asOf = "2026-11-23T10:41:07Z";
    expect(windowWords(between("2026-11-01T00:00:00Z", asOf), asOf)).toBe("1 Nov 00:00 → now, UTC");
  });

  it("tells both bounds when it is over", () => {
    const words = windowWords(
      between("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
      "2026-11-23T10:41:07Z",
    );
    expect(words).toBe("1 Oct 00:00 → 1 Nov 00:00, UTC");
  });

  it("names the year where it is not this one", () => {
    const words = windowWords(
      between("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
      "2026-11-23T10:41:07Z",
    );
    expect(words).toBe("1 Dec 2025 00:00 → 1 Jan 2026 00:00, UTC");
  });

  it("is told in the workspace's zone, not in the reader's", () => {
    const window = between("2026-11-01T05:00:00Z", "2026-11-02T05:00:00Z", "America/Chicago");
    expect(windowWords(window, "2026-11-23T10:41:07Z")).toBe("1 Nov 00:00 → 1 Nov 23:00, America/Chicago");
  });

  it("is told by its days where it is made of whole ones", () => {
    expect(windowSpan(between("2026-11-01T00:00:00Z", "2026-11-15T00:00:00Z"))).toBe("1 Nov to 14 Nov");
    expect(windowSpan(between("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"))).toBe("1 Nov");
    expect(windowSpan(between("2026-11-01T00:00:00Z", "2026-11-15T10:00:00Z"))).toBeNull();
  });

  it("says so where there is none", () => {
    expect(windowWords(null, "2026-11-23T10:41:07Z")).toMatch(/no window/);
  });

  it.each([
    ["trailing_30d", "last 30 days"],
    ["trailing_24h", "last 24 hours"],
    ["month_to_date", "month to date"],
    [null, ""],
  ])("%s is called %s", (name, label) => {
    expect(windowLabel(name)).toBe(label);
  });

  const asked = (name: string | null, compare = "previous_period") => ({
    window: { name, start: "2026-11-01T00:00:00Z", end: "2026-11-08T00:00:00Z", timezone: "UTC" },
    previous: { start: "2026-10-25T00:00:00Z", end: "2026-11-01T00:00:00Z" },
    as_of: "2026-11-08T00:00:00Z",
    compare,
  });

  it.each([
    ["trailing_30d", "previous_period", "vs prev 30 days"],
    ["month_to_date", "previous_period", "vs same days last month"],
    ["today", "previous_period", "vs yesterday"],
    ["trailing_7d", "previous_year", "vs a year before"],
    [null, "previous_period", "vs prev 7 days"],
  ])("%s by %s compares %s", (name, compare, words) => {
    expect(comparedWith(asked(name, compare))).toBe(words);
  });

  it("a state of the present is compared with a state, not with a span", () => {
    expect(comparedWith({ ...asked(null), window: null })).toBe("vs 7 days ago");
  });
});

describe("times", () => {
  it.each([
    [2, "2 s"],
    [59.9, "59 s"],
    [720, "12 min"],
    [7200, "2 h"],
    [172_800, "2 d"],
    [-3, "0 s"],
  ])("an age of %s s is %s", (seconds, text) => {
    expect(ageText(seconds)).toBe(text);
  });

  it("keeps a date on its own day in every zone", () => {
    expect(bucketText("2026-11-01", "day", "America/Chicago")).toBe("1 Nov");
    expect(bucketText("2026-11-01", "month", "Pacific/Auckland")).toBe("Nov 2026");
    expect(bucketText("2026-10-01", "quarter", "UTC")).toBe("Q4 2026");
  });
});
