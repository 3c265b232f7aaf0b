/**
 * What whoever asks sees, as the server tells it beside its answers: another text when it is other rows or columns. Whatever was told
 * before that is not theirs any more.
 */
import { createListeners } from "./listeners";

export const SEES = "assay-sees";

let known: string | null = null;
const listeners = createListeners();

export function noteSees(told: string | null | undefined) {
  if (!told || told === known) return;
  const before = known;
  known = told;
  if (before !== null) listeners.tell();
}

/** Another session: what it sees is no change. */
export function forgetSees() {
  known = null;
}

export const onSees = listeners.add;
