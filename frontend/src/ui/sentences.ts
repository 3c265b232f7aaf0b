import { capital } from "@/format/words";

/** A text that ends open, as a part of a sentence does, so that another may follow it. */
export function asSentence(text: string): string {
  const told = text.trim();
  return /[.!?]$/.test(told) ? told : `${told}.`;
}

/** A text that begins small, as the beginning of a sentence; a command stays as it is typed. */
export const begun = (text: string): string => (/^(assay|make) /.test(text) ? text : capital(text));

/** What went wrong, and after it what mends it. */
export const withMend = (detail: string, mend: string | null | undefined): string =>
  mend ? `${asSentence(detail)} ${asSentence(begun(mend))}` : detail;
