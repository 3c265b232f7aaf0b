/**
 * Where hearing begins, held against what was answered before. Beside each answer the server says what it had told last when it was
 * asked; what it told between an answer and the first word of the stream nobody has heard.
 */
import { createListeners } from "./listeners";

export const TOLD = "assay-told";

/** What each process had told last when it was asked for the earliest answer that came before the stream spoke. */
const earliest = new Map<string, number>();
let begun: string | null = null;
/** Once is enough: whatever is on its way then is asked again too. */
let hasToldLate = false;
const listeners = createListeners();

function parted(id: string): [process: string, number: number] {
  const at = id.lastIndexOf("-");
  return [id.slice(0, at), Number(id.slice(at + 1))];
}

/** Of another process nobody can tell. */
function isBefore(told: string, beginning: string): boolean {
  const [process, number] = parted(told);
  const [other, start] = parted(beginning);
  return process !== other || number < start;
}

/** Whether anything is heard yet: taken when a request is sent, and given back with its answer. */
export const isHearing = (): boolean => begun !== null;

/** An answer has come; `wasHearing` says whether all that was told since it was asked for has been heard. */
export function noteTold(told: string | null, wasHearing: boolean) {
  if (told === null || wasHearing) return;
  if (begun !== null) {
    if (hasToldLate || !isBefore(told, begun)) return;
    hasToldLate = true;
    listeners.tell();
    return;
  }
  const [process, number] = parted(told);
  earliest.set(process, Math.min(number, earliest.get(process) ?? number));
}

/** The first word was heard: all that is told after `id` will be. Whether something may have been told that an answer here does not know. */
export function beginHearing(id: string | null): boolean {
  const answers = [...earliest].map(([process, number]) => `${process}-${number}`);
  earliest.clear();
  begun = id ?? "";
  return answers.some((told) => isBefore(told, begun ?? ""));
}

/** An answer came that was asked for before anything was heard, and may be older than the first word. */
export const onMissed = listeners.add;

/** As a page begins. */
export function forgetBegun() {
  earliest.clear();
  begun = null;
  hasToldLate = false;
}
