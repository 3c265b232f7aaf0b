/** Exact decimals as text. Nothing here goes through a float: what the engine said is what is shown. */
import { numberFormat } from "./locale";

const WRITTEN = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

const bare = (digits: string) => digits.replace(/^0+(?=\d)/, "");

/** Digits, also with an exponent, as doubles are written: 1e+21, -1e-7. */
export function parseDecimal(value: string | number): Decimal | null {
  const match = WRITTEN.exec(String(value).trim());
  if (!match) return null;
  const [, sign, whole = "0", fraction = "", power] = match;
  const read = { negative: sign === "-", whole: bare(whole), fraction };
  if (power === undefined) return read;
  const places = Number(power);
  return places >= 0 ? shiftRight(read, places) : shiftLeft(read, -places);
}

/** Moves the decimal point to the right: 0.8734 by 2 is 87.34. */
export function shiftRight(decimal: Decimal, places: number): Decimal {
  const padded = decimal.fraction.padEnd(places, "0");
  return { ...decimal, whole: bare(decimal.whole + padded.slice(0, places)), fraction: padded.slice(places) };
}

function shiftLeft(decimal: Decimal, places: number): Decimal {
  const padded = decimal.whole.padStart(places + 1, "0");
  const cut = padded.length - places;
  return { ...decimal, whole: bare(padded.slice(0, cut)), fraction: padded.slice(cut) + decimal.fraction };
}

/** Without grouping, as a spreadsheet reads it: "-0.0000001". */
export const plainText = ({ negative, whole, fraction }: Decimal): string =>
  (negative ? "-" : "") + whole + (fraction ? `.${fraction}` : "");

/** In the reader's language, every digit: 1,410,000.00. */
export function groupedText({ negative, whole, fraction }: Decimal): string {
  const point = numberFormat({ minimumFractionDigits: 1 })
    .formatToParts(0.5)
    .find(({ type }) => type === "decimal")?.value;
  const grouped = numberFormat({}).format(BigInt(whole));
  return (negative ? "−" : "") + grouped + (fraction ? (point ?? ".") + fraction : "");
}

/** `a - b`, exact to the last digit of either. */
export function difference(a: Decimal, b: Decimal): Decimal {
  const places = Math.max(a.fraction.length, b.fraction.length);
  const scaled = ({ negative, whole, fraction }: Decimal) =>
    BigInt(whole + fraction.padEnd(places, "0")) * (negative ? -1n : 1n);
  const gap = scaled(a) - scaled(b);
  const digits = String(gap < 0n ? -gap : gap).padStart(places + 1, "0");
  const cut = digits.length - places;
  return { negative: gap < 0n, whole: digits.slice(0, cut), fraction: digits.slice(cut) };
}

/** The sum of what is there, exact; null where nothing is, or something that is no decimal. */
export function sumOf(values: readonly (string | number | boolean | null)[]): string | null {
  const there = values.filter((value) => value !== null);
  let sum: Decimal = { negative: false, whole: "0", fraction: "" };
  for (const value of there) {
    const next = parseDecimal(String(value));
    if (!next) return null;
    sum = difference(sum, { ...next, negative: !next.negative });
  }
  return there.length === 0 ? null : plainText(sum);
}
