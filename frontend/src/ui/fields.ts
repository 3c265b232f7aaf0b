/** The look of a field of a form. */
export const FIELD =
  "min-w-0 rounded-[7px] border border-line bg-surface px-2 py-1 text-body text-ink outline-offset-1 hover:border-line-strong";
