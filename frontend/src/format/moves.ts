/** What a figure has just moved by, signed: "+$210.00", "−1", "+0.1 pt". */
import { difference, parseDecimal } from "./decimal";
import { exactText, fixed, numberOf, shortText, type Value } from "./numbers";

export function moveText(from: Value, to: Value, unit: string | null): string {
  const [before, now] = [numberOf(from) ?? 0, numberOf(to) ?? 0];
  const sign = now < before ? "−" : "+";
  if (unit === "percent") {
    const points = Math.abs(now - before) * 100;
    return `${sign}${points < 0.05 ? "<0.1" : fixed(points, 1, 1)} pt`;
  }
  const [a, b] = [parseDecimal(String(to)), parseDecimal(String(from))];
  // A mean has as many digits as the engine cared to give: nobody reads them in passing.
  const isLong = Math.max(a?.fraction.length ?? 9, b?.fraction.length ?? 9) > 4;
  if (!a || !b || isLong) return sign + shortText(Math.abs(now - before), unit);
  const { whole, fraction } = difference(a, b);
  return sign + exactText(fraction ? `${whole}.${fraction}` : whole, unit);
}
