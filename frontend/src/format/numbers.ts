/** How a value reads, by its unit: short on a tile, exact in a receipt, and as a change against another value. */
import { groupedText, parseDecimal, shiftRight } from "./decimal";
import { numberFormat, once } from "./locale";

export type Value = string | number | boolean | null;

/** A figure in three parts, so that the unit can be set smaller than the number. */
interface FigureText {
  prefix: string;
  number: string;
  suffix: string;
}

export const NOTHING = "–";

const DURATIONS: Record<string, { short: string; long: string }> = {
  seconds: { short: " s", long: " seconds" },
  minutes: { short: " min", long: " minutes" },
  hours: { short: " h", long: " hours" },
  days: { short: " d", long: " days" },
};

const CURRENCIES = new Set(Intl.supportedValuesOf("currency"));

export function currencyOf(unit: string | null): string | null {
  const code = unit?.toUpperCase() ?? "";
  return CURRENCIES.has(code) ? code : null;
}

const currencySymbol = (code: string): string =>
  once(`symbol ${code}`, () => {
    const parts = new Intl.NumberFormat("en", {
      style: "currency",
      currency: code,
      currencyDisplay: "narrowSymbol",
    });
    const symbol = parts.formatToParts(0).find((part) => part.type === "currency")?.value ?? code;
    return /^[A-Z]{3}$/.test(symbol) ? `${symbol} ` : symbol;
  });

/** Null for what is not a finite number: no value, a text, NaN and the infinities (those travel as text). */
export function numberOf(value: Value): number | null {
  if (value === null || typeof value === "boolean" || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** What stands in place of a number: NaN and the infinities keep their names. */
function wordFor(value: Value): string {
  if (value === null) return NOTHING;
  return value === "-Infinity" ? "−Infinity" : String(value);
}

const minus = (text: string) => text.replace("-", "−");
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** "1.51 × 10²¹": where there is neither a word nor room for the digits. */
function powerText(number: number): string {
  const [mantissa = "0", power = "0"] = number.toExponential(2).split("e");
  const digits = power.replace("+", "").replace("-", "⁻");
  const raised = digits.replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)] ?? digit);
  return `${minus(numberFormat({ maximumFractionDigits: 2 }).format(Number(mantissa)))} × 10${raised}`;
}

/** Rounded to so many decimals; what is not 0 is never written as 0. */
export function fixed(number: number, maximum: number, minimum = 0): string {
  const places = { maximumFractionDigits: maximum, minimumFractionDigits: minimum };
  if (number !== 0 && Math.abs(number) < 0.5 * 10 ** -maximum) {
    return Math.abs(number) < 1e-5
      ? powerText(number)
      : minus(numberFormat({ maximumSignificantDigits: 2 }).format(number));
  }
  // -0 is 0.
  return minus(numberFormat(places).format(number + 0));
}

/** "1 row", "2,000 rows". */
export const several = (count: number, thing: string): string =>
  `${fixed(count, 0)} ${thing}${count === 1 ? "" : "s"}`;

const SCALES: [number, string][] = [
  [1e18, " quintillion"],
  [1e15, " quadrillion"],
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** The scale that a number is written in: 999,950 is a million already. */
export const scaleOf = (size: number) => SCALES.find(([from]) => size >= from * 0.9995) ?? ([1, ""] as const);

/** As a widget's format wants it: with a letter from `from` on, and so many decimals. */
function compacted(
  number: number,
  from: number,
  decimals: number | null | undefined,
  below: (number: number) => string,
): string {
  if (Math.abs(number) < from) return below(number);
  const [divisor, letter] = scaleOf(Math.abs(number));
  return fixed(number / divisor, decimals ?? 1, decimals ?? 0) + letter;
}

/** 1,286 stays as it is; from `from` on it is 1.41M, 28.3K, 1.51 quadrillion. */
function scaled(number: number, from: number, below: (number: number) => string): string {
  const size = Math.abs(number);
  if (size < from) return below(number);
  if (size >= 999.5e18) return powerText(number);
  const [divisor, letter] = scaleOf(size);
  const short = number / divisor;
  return fixed(short, Math.abs(short) >= 100 ? 0 : Math.abs(short) >= 10 ? 1 : 2) + letter;
}

/** How a widget wants its figures: so many decimals, and whether 1.2M stands for 1,234,567. */
export interface NumberFormat {
  decimals?: number | null;
  compact?: boolean;
}

/** As it is shown: a share in hundredths. */
const shownOf = (number: number, unit: string | null) => (unit === "percent" ? number * 100 : number);

/** From here on a number is written with a letter in place of its last digits. */
function longFrom(unit: string | null, format: NumberFormat | null | undefined): number {
  if (format) return format.compact ? 1e3 : Number.POSITIVE_INFINITY;
  return currencyOf(unit) ? 10_000 : 1e6;
}

/** The most decimals that a number of this size is written with, where nobody says how many. */
function mostPlaces(shown: number, unit: string | null, isFormatted: boolean): number {
  const size = Math.abs(shown);
  if (Number.isInteger(shown)) return 0;
  if (currencyOf(unit)) return !isFormatted && size >= 1000 ? 0 : 2;
  if (unit === "percent" && !isFormatted) return 1;
  if (unit === "count" || !unit) {
    if (!isFormatted) return 2;
    if (unit) return 0;
  }
  return size >= 100 ? 0 : size >= 1 ? 1 : 2;
}

/** How many decimals a number has once it is rounded to at most so many. */
const placesIn = (number: number, most: number): number =>
  most === 0 ? 0 : (String(Number(number.toFixed(most))).split(".")[1] ?? "").length;

/** How many decimals stand in a column, or at the marks of a chart: as many as the value that needs most of them, so that 73 beside 63.37 is 73.00. */
export function columnPlaces(
  values: readonly Value[],
  unit: string | null,
  format?: NumberFormat | null,
): number {
  if (typeof format?.decimals === "number") return format.decimals;
  const from = longFrom(unit, format);
  let found = 0;
  for (const value of values) {
    const number = numberOf(value);
    if (number === null) continue;
    const shown = shownOf(number, unit);
    if (Math.abs(shown) >= from) continue;
    found = Math.max(found, placesIn(shown, mostPlaces(shown, unit, Boolean(format))));
    if (found === 2) break;
  }
  return found > 0 && currencyOf(unit) ? 2 : found;
}

/** The short figure of a tile, or as its widget's format says, with `least` decimals where it is written out. The exact one is `exactText`. */
export function figure(
  value: Value,
  unit: string | null,
  format?: NumberFormat | null,
  least = 0,
): FigureText {
  const number = numberOf(value);
  if (number === null) return { prefix: "", number: wordFor(value), suffix: "" };
  const shown = shownOf(number, unit);
  const code = currencyOf(unit);
  const [minusSign, size] = code ? [shown < 0 ? "−" : "", Math.abs(shown)] : ["", shown];
  const asked = format?.decimals;
  const writtenOut = (n: number) => {
    const most = asked ?? mostPlaces(n, unit, Boolean(format));
    // Cents are two.
    return fixed(n, Math.max(most, least), asked ?? (code && most > 0 ? most : least));
  };
  const text = format
    ? compacted(size, longFrom(unit, format), asked, writtenOut)
    : scaled(size, longFrom(unit, format), writtenOut);
  if (code) return { prefix: minusSign + currencySymbol(code), number: text, suffix: "" };
  if (unit === "percent") return { prefix: "", number: text, suffix: "%" };
  if (unit === "count" || !unit) return { prefix: "", number: text, suffix: "" };
  return { prefix: "", number: text, suffix: DURATIONS[unit]?.short ?? ` ${unit}` };
}

export function shortText(
  value: Value,
  unit: string | null,
  format?: NumberFormat | null,
  least = 0,
): string {
  const { prefix, number, suffix } = figure(value, unit, format, least);
  return prefix + number + suffix;
}

/** Every digit that travelled, grouped: "1410000.00" in usd is $1,410,000.00. */
export function exactText(value: Value, unit: string | null): string {
  if (value === null) return NOTHING;
  if (typeof value === "boolean") return String(value);
  const decimal = parseDecimal(value);
  if (!decimal) return wordFor(value);
  const code = currencyOf(unit);
  if (code) {
    const text = groupedText({ ...decimal, negative: false });
    return (decimal.negative ? "−" : "") + currencySymbol(code) + text;
  }
  if (unit === "percent") return `${groupedText(shiftRight(decimal, 2))}%`;
  if (unit === "count" || !unit) return groupedText(decimal);
  return groupedText(decimal) + (DURATIONS[unit]?.long ?? ` ${unit}`);
}

/** What is measured (percent, hours, stars) rounded as its unit is on a tile; what is counted or paid to the last digit. */
export const roundedText = (value: Value, unit: string | null): string =>
  !unit || unit === "count" || currencyOf(unit) ? exactText(value, unit) : shortText(value, unit);
