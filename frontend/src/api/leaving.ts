/**
 * Somebody has asked to be signed out, and the server has not heard it yet. It is remembered by the browser, for all its tabs and
 * over a reload: until the session is ended nothing else is asked with it.
 */
const KEY = "assay.leaving";
let isWanted = false;

export function isLeaving(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return isWanted;
  }
}

export function setLeaving(wanted: boolean) {
  isWanted = wanted;
  try {
    if (wanted) localStorage.setItem(KEY, "asked");
    else localStorage.removeItem(KEY);
  } catch {
    // Storage may be forbidden; then this tab alone remembers it.
  }
}
