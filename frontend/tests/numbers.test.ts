import { describe, expect, it, vi } from "vitest";
import { countryName } from "@/charts/map/countryNames";
import { columnPlaces, exactText, roundedText, shortText, type Value } from "@/format/numbers";

describe("a figure on a tile", () => {
  it.each([
    ["1410000.00", "usd", "$1.41M"],
    ["48250.10", "usd", "$48.3K"],
    ["1286.40", "usd", "$1,286"],
    ["250.00", "usd", "$250"],
    ["39.9", "usd", "$39.90"],
    ["-1410000.00", "usd", "−$1.41M"],
    ["1234567890", "usd", "$1.23B"],
    ["1250.00", "eur", "€1,250"],
    ["1250", "CHF", "CHF 1,250"],
    [1286, "count", "1,286"],
    [999_499, "count", "999,499"],
    [6_241_000, "count", "6.24M"],
    ["0.87", "percent", "87%"],
    ["0.8734", "percent", "87.3%"],
    ["4.5714", "/ 5", "4.6 / 5"],
    ["5.25", "hours", "5.3 h"],
    [12, "minutes", "12 min"],
    [3, "days", "3 d"],
    [45, "seconds", "45 s"],
    ["1.204", "per customer", "1.2 per customer"],
    [0, "count", "0"],
    [null, "usd", "–"],
    ["1510000000000000", "usd", "$1.51 quadrillion"],
    ["9007199254740993", "count", "9.01 quadrillion"],
    ["2500000000000", "count", "2.5T"],
    ["3e30", "count", "3 × 10³⁰"],
    [-1e-7, null, "−1 × 10⁻⁷"],
    [0.0004, "percent", "0.04%"],
    [0.001, "usd", "$0.001"],
    ["NaN", "count", "NaN"],
    ["-Infinity", "usd", "−Infinity"],
  ])("%s in %s reads %s", (value, unit, text) => {
    expect(shortText(value, unit)).toBe(text);
  });

  it("never rounds up to a thousand of the smaller letter", () => {
    expect(shortText("999950", "usd")).toBe("$1M");
  });
});

describe("the values of a column", () => {
  const cases: [Value[], string | null, string[]][] = [
    [[73, "63.37", 5], null, ["73.00", "63.37", "5.00"]],
    [[0.5, 12], "count", ["0.5", "12.0"]],
    [["73", "63.37", "1286.40"], "usd", ["$73.00", "$63.37", "$1,286.40"]],
    [["73", "250", "1410000.55"], "usd", ["$73", "$250", "$1.41M"]],
    [[0.87, 0.634, 1], "percent", ["87.0%", "63.4%", "100.0%"]],
    [[132.4, 45.25, 2], "hours", ["132.4 h", "45.3 h", "2.0 h"]],
    [[-3, null, "NaN", 2.25], null, ["−3.00", "–", "NaN", "2.25"]],
    [[0.001, 4], null, ["0.001", "4"]],
  ];
  it.each(cases)("%j in %s have as many decimals each", (values, unit, texts) => {
    const places = columnPlaces(values, unit);
    expect(values.map((value) => shortText(value, unit, null, places))).toEqual(texts);
  });

  it("have those that are asked for, and cents are two", () => {
    expect(columnPlaces([1, 2.555], null, { decimals: 1 })).toBe(1);
    const format = { compact: true };
    const places = columnPlaces([63.4, 12, 1200], "usd", format);
    expect([63.4, 12, 1200].map((value) => shortText(value, "usd", format, places))).toEqual([
      "$63.40",
      "$12.00",
      "$1.2K",
    ]);
  });
});

describe("an exact value", () => {
  it.each([
    ["1410000.00", "usd", "$1,410,000.00"],
    ["-0.50", "usd", "−$0.50"],
    ["0.8734", "percent", "87.34%"],
    ["0.5", "percent", "50%"],
    ["-0.00125", "percent", "−0.125%"],
    ["4.5714", "/ 5", "4.5714 / 5"],
    ["5.2083", "hours", "5.2083 hours"],
    [1286, "count", "1,286"],
    [null, "usd", "–"],
    ["9007199254740993", "count", "9,007,199,254,740,993"],
    [1e21, null, "1,000,000,000,000,000,000,000"],
    [-1e-7, "usd", "−$0.0000001"],
    ["Infinity", "count", "Infinity"],
  ])("%s in %s reads %s", (value, unit, text) => {
    expect(exactText(value, unit)).toBe(text);
  });

  it("keeps digits that a float would lose", () => {
    expect(exactText("12345678901234567890.123456789", "usd")).toBe("$12,345,678,901,234,567,890.123456789");
    expect(exactText("0.12345678901234567891", "percent")).toBe("12.345678901234567891%");
  });
});

it("what is measured is rounded as its unit is, what is counted or paid is not", () => {
  expect(roundedText(0.8695652173913043, "percent")).toBe("87%");
  expect(roundedText("3.2000000001", "hours")).toBe("3.2 h");
  expect(roundedText("1410000.00", "usd")).toBe("$1,410,000.00");
  expect(roundedText("9007199254740993", "count")).toBe("9,007,199,254,740,993");
  expect(shortText(-0, "count")).toBe("0");
});

describe("in the reader's language", () => {
  it("numbers have its marks, and money its symbol", () => {
    vi.stubGlobal("navigator", { language: "de-DE" });
    expect(shortText(1286, "count")).toBe("1.286");
    expect(exactText("1410000.50", "usd")).toBe("$1.410.000,50");
    vi.unstubAllGlobals();
  });

  it.each(["en-US@posix", "de_DE", "C", ""])(
    "a browser that says %j for it is answered in English, or its own",
    (language) => {
      vi.stubGlobal("navigator", { language });
      expect(shortText(1286, "count")).toBe("1,286");
      expect(countryName("276")).toBe("Germany");
      vi.unstubAllGlobals();
    },
  );
});
