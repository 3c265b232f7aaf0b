/** In whose language numbers and dates are written: the reader's. The words of the page are English, and so are its dates where the reader's are. */

const isEnglish = (tag: string) => /^en\b/i.test(tag);

/** The reader's, where that is a language at all: started without a locale, Chromium says "en-US@posix". */
export const language = (): string => {
  const said = typeof navigator === "undefined" ? "" : navigator.language;
  return once(`l ${said}`, () => {
    try {
      return Intl.getCanonicalLocales(said.split("@")[0])[0] ?? "en";
    } catch {
      return "en";
    }
  });
};

const numberLocale = () => (isEnglish(language()) ? "en" : language());
/** "2 Nov", as everywhere in Assay, and not "Nov 2". */
const dateLocale = () => (isEnglish(language()) ? "en-GB" : language());

const kept = new Map<string, unknown>();

/** A formatter takes a hundred times as long to make as to use: each is made once. */
export function once<T>(key: string, make: () => T): T {
  const held = kept.get(key) as T | undefined;
  if (held !== undefined) return held;
  const made = make();
  kept.set(key, made);
  return made;
}

export const numberFormat = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
  once(
    `n ${numberLocale()} ${JSON.stringify(options)}`,
    () => new Intl.NumberFormat(numberLocale(), options),
  );

/** Of a wall clock that is kept as if it were UTC: the browser's own zone never has a say. */
export const wallFormat = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  once(
    `d ${dateLocale()} ${JSON.stringify(options)}`,
    () => new Intl.DateTimeFormat(dateLocale(), { ...options, timeZone: "UTC" }),
  );
