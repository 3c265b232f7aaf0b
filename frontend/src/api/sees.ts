/**
 * What whoever asks sees, as the server tells it beside its answers: another text when it is other rows or columns. Whatever was told
 * before that is not theirs any more.
 */
export const SEES = "assay-sees";

let known: string | null = null;
const listeners = new Set<() => void>();

export function noteSees(told: string | null | undefined) {
  if (!told || told === known) return;
  const before = known;
  known = told;
  if (before !== null) for (const listener of listeners) listener();
}

/** Another session: what it sees is no change. */
export function forgetSees() {
  known = null;
}

export function onSees(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
