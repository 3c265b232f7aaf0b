/** How a value reads, by its unit: short on a tile, exact in a receipt, and as a change against another value. */
import { groupedText, parseDecimal, shiftRight } from "./decimal";

export type Value = string | number | boolean | null;

/** A figure in three parts, so that the unit can be set smaller than the number. */
export interface Figure {
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

export function currencySymbol(code: string): string {
  const parts = new Intl.NumberFormat("en", {
    style: "currency",
    currency: code,
    currencyDisplay: "narrowSymbol",
  });
  const symbol = parts.formatToParts(0).find((part) => part.type === "currency")?.value ?? code;
  return /^[A-Z]{3}$/.test(symbol) ? `${symbol} ` : symbol;
}

export function numberOf(value: Value): number | null {
  if (value === null || typeof value === "boolean" || value === "") return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

const minus = (text: string) => text.replace("-", "−");

function fixed(number: number, maximum: number, minimum = 0): string {
  return minus(
    new Intl.NumberFormat("en", { maximumFractionDigits: maximum, minimumFractionDigits: minimum }).format(
      number,
    ),
  );
}

/** 1,286 stays whole; from `from` on it is 1.41M, 28.3K. */
function scaled(number: number, from: number, below: (number: number) => string): string {
  const size = Math.abs(number);
  if (size < from) return below(number);
  const [divisor, letter] = size >= 999.5e6 ? [1e9, "B"] : size >= 999.5e3 ? [1e6, "M"] : [1e3, "K"];
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

const SCALES: [number, string][] = [
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "K"],
];

function formatted(number: number, unit: string | null, { decimals, compact }: NumberFormat): Figure {
  const code = currencyOf(unit);
  const shown = unit === "percent" ? number * 100 : number;
  const size = Math.abs(shown);
  const [divisor, letter] = (compact && SCALES.find(([from]) => size >= from)) || [1, ""];
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
export function figure(value: Value, unit: string | null, format?: NumberFormat | null): Figure {
  const number = numberOf(value);
  if (number === null) return { prefix: "", number: value === null ? NOTHING : String(value), suffix: "" };
  if (format) return formatted(number, unit, format);
  const code = currencyOf(unit);
  if (code) {
    const text = scaled(Math.abs(number), 10_000, (n) =>
      Number.isInteger(n) || n >= 1000 ? fixed(n, 0) : fixed(n, 2, 2),
    );
    return { prefix: (number < 0 ? "−" : "") + currencySymbol(code), number: text, suffix: "" };
  }
  if (unit === "percent") return { prefix: "", number: fixed(number * 100, 1), suffix: "%" };
  if (unit === "count" || !unit) {
    return {
      prefix: "",
      number: scaled(number, 1e6, (n) => (Number.isInteger(n) ? fixed(n, 0) : fixed(n, 2))),
      suffix: "",
    };
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
  if (!decimal) return String(value);
  const code = currencyOf(unit);
  if (code) {
    const text = groupedText({ ...decimal, negative: false });
    return (decimal.negative ? "−" : "") + currencySymbol(code) + text;
  }
  if (unit === "percent") return `${groupedText(shiftRight(decimal, 2))}%`;
  if (unit === "count" || !unit) return groupedText(decimal);
  return groupedText(decimal) + (DURATIONS[unit]?.long ?? ` ${unit}`);
}
