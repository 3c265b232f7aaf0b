/** Exact decimals as text. Nothing here goes through a float: what the engine said is what is shown. */

const PLAIN = /^(-?)(\d+)(?:\.(\d+))?$/;

export interface Decimal {
  negative: boolean;
  whole: string;
  fraction: string;
}

export function parseDecimal(value: string | number): Decimal | null {
  const match = PLAIN.exec(String(value).trim());
  if (!match) return null;
  return {
    negative: match[1] === "-",
    whole: (match[2] ?? "0").replace(/^0+(?=\d)/, ""),
    fraction: match[3] ?? "",
  };
}

/** Moves the decimal point to the right: 0.8734 by 2 is 87.34. */
export function shiftRight(decimal: Decimal, places: number): Decimal {
  const padded = decimal.fraction.padEnd(places, "0");
  const whole = (decimal.whole + padded.slice(0, places)).replace(/^0+(?=\d)/, "");
  return { ...decimal, whole, fraction: padded.slice(places) };
}

export function groupedText(decimal: Decimal): string {
  const whole = decimal.whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
  return (decimal.negative ? "−" : "") + whole + (decimal.fraction ? `.${decimal.fraction}` : "");
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
