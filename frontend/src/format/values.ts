/** Values of dimensions as they read. What differs on the wire never looks the same: no value, "", "(none)", `a_b` and `a b` are five. */
import type { Value } from "./numbers";
import { clockText } from "./times";

const NO_VALUE = "(none)";
const EMPTY = "(empty)";
/** Marks that join or colour a picture belong to it; anywhere else nobody sees them. */
const UNSEEN =
  /[\p{Cc}\p{Zl}\p{Zp}]|(?! )\p{Zs}|(?<!\p{Extended_Pictographic}|\p{Variation_Selector})\p{DI}/gu;
const OUTER_BLANKS = /^ +| +$| {2,}/g;

/** Letters that nobody sees, and blanks that count, are written so that they are seen. */
const seen = (text: string): string =>
  text
    .replace(
      UNSEEN,
      (letter) => `⟨U+${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
    )
    .replace(OUTER_BLANKS, (blanks) => "␣".repeat(blanks.length));

/** As it is written, with what is not seen made to be seen; in quotes where it would pass for a word of the page. */
function exactly(text: string): string {
  const shown = seen(text);
  return text === NO_VALUE || text === EMPTY || text.startsWith('"') ? `"${shown}"` : shown;
}

/** "in_review" -> "in review". Two values of one list may read alike so: then `valueNames` is to be asked. */
export function valueText(value: Value): string {
  if (value === null) return NO_VALUE;
  if (value === "") return EMPTY;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return String(value).replace("-", "−");
  return exactly(value).replaceAll("_", " ");
}

/** Letters of scripts that are read from the right. */
const FROM_RIGHT = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** A name within a text: read in its own direction, it turns nothing around that stands beside it. */
export const isolated = (name: string): string => (FROM_RIGHT.test(name) ? `\u2068${name}\u2069` : name);

/** Names side by side, as one. */
export const joined = (names: string[]): string =>
  names.length === 1 ? (names[0] ?? "") : names.map(isolated).join(" · ");

/** What tells a value from every other of its column; equal only for equal values. */
const valueKey = (value: Value): string => JSON.stringify(value);

const form = (text: string) => (text === text.normalize("NFC") ? "" : " (decomposed)");

/** The names of values that stand beside one another: as short as they may be while no two are alike. */
export function valueNames(values: Iterable<Value>, type = "string", zone = "UTC"): (value: Value) => string {
  const names = new Map<string, string>();
  const alike = new Map<string, Value[]>();
  const isTime = type === "timestamp";
  for (const value of new Set(values)) {
    const text = isTime && typeof value === "string" ? clockText(value, zone) : valueText(value);
    const shape = text.normalize("NFC");
    alike.set(shape, [...(alike.get(shape) ?? []), value]);
  }
  for (const [text, same] of alike) {
    for (const value of same) {
      const isAlone = same.length === 1 || typeof value !== "string";
      names.set(valueKey(value), isAlone ? text : isTime ? value : exactly(value) + form(value));
    }
  }
  return (value) => names.get(valueKey(value)) ?? valueText(value);
}
