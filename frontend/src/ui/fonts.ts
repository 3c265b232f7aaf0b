/** Inter comes after the first numbers: on a slow line they do not wait for it. Where the browser has it already, at once. */

const KEY = "assay.fonts";

export function isFontHeld(): boolean {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}

export function loadFonts() {
  void import("./fonts.css").catch(() => {});
  try {
    localStorage.setItem(KEY, "held");
  } catch {
    // Then they come late each time.
  }
}
