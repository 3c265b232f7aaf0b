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

const SCALES: [number, string][] = [
  [1e18, " quintillion"],
  [1e15, " quadrillion"],
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

/** The scale that a number is written in: 999,950 is a million already. */
const scaleOf = (size: number) => SCALES.find(([from]) => size >= from * 0.9995) ?? ([1, ""] as const);

/** 1,286 stays as it is; from `from` on it is 1.41M, 28.3K, 1.51 quadrillion. */
function scaled(number: number, from: number, below: (number: number) => string): string {
  const size = Math.abs(number);
  if (size < from) return below(number);
  if (size >= 999.5e18) return powerText(number);
  const [divisor, letter] = scaleOf(size);
  const short = number / divisor;
  return fixed(short, Math.abs(short) >= 100 ? 0 : Math.abs(short) >= 10 ? 1 : 2) + letter;
}

function smallDecimals(number: number): string {
  const size = Math.abs(number);
  return fixed(number, size >= 100 ? 0 : size >= 1 || size === 0 ? 1 : 2);
}

/** How a widget wants its figures: so many decimals, and whether 1.2M stands for 1,234,567. */
export interface NumberFormat {
  decimals?: number | null;
  compact?: boolean;
}

function formatted(number: number, unit: string | null, { decimals, compact }: NumberFormat): FigureText {
  const code = currencyOf(unit);
  const shown = unit === "percent" ? number * 100 : number;
  const size = Math.abs(shown);
  const [divisor, letter] = compact && size >= 1e3 ? scaleOf(size) : ([1, ""] as const);
  const isWhole = Number.isInteger(shown / divisor);
  const usual = letter ? 1 : code ? 2 : isWhole || unit === "count" ? 0 : size >= 100 ? 0 : size >= 1 ? 1 : 2;
  const places = decimals ?? usual;
  const text = fixed(
    code ? size / divisor : shown / divisor,
    places,
    decimals === null || decimals === undefined ? 0 : places,
  );
  const duration = unit ? DURATIONS[unit] : undefined;
  const isPlain = code !== null || unit === "count" || !unit;
  return {
    prefix: code ? (shown < 0 ? "−" : "") + currencySymbol(code) : "",
    number: text + letter,
    suffix: unit === "percent" ? "%" : isPlain ? "" : (duration?.short ?? ` ${unit}`),
  };
}

/** The short figure of a tile, or as its widget's format says. The exact one is `exactText`. */
export function figure(value: Value, unit: string | null, format?: NumberFormat | null): FigureText {
  const number = numberOf(value);
  if (number === null) return { prefix: "", number: wordFor(value), suffix: "" };
  if (format) return formatted(number, unit, format);
  const code = currencyOf(unit);
  if (code) {
    const text = scaled(Math.abs(number), 10_000, (n) =>
      Number.isInteger(n) || n >= 1000 ? fixed(n, 0) : fixed(n, 2, 2),
    );
    return { prefix: (number < 0 ? "−" : "") + currencySymbol(code), number: text, suffix: "" };
  }
  if (unit === "percent")
    return { prefix: "", number: scaled(number * 100, 1e6, (n) => fixed(n, 1)), suffix: "%" };
  if (unit === "count" || !unit) {
    const text = scaled(number, 1e6, (n) => (Number.isInteger(n) ? fixed(n, 0) : fixed(n, 2)));
    return { prefix: "", number: text, suffix: "" };
  }
  const duration = DURATIONS[unit];
  return { prefix: "", number: scaled(number, 1e6, smallDecimals), suffix: duration?.short ?? ` ${unit}` };
}

export function shortText(value: Value, unit: string | null, format?: NumberFormat | null): string {
  const { prefix, number, suffix } = figure(value, unit, format);
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
