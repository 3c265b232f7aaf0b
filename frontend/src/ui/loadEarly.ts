const nothing = () => {};

const SIGNS = ["pointermove", "pointerdown", "keydown"] as const;

/**
 * Loads a part of the page at the first sign that somebody is there, before it is wanted. Where that fails, it fails again, and is
 * told, when it is wanted.
 */
export function loadEarly(load: () => Promise<unknown>): () => void {
  const forget = () => {
    for (const sign of SIGNS) document.removeEventListener(sign, begin);
  };
  const begin = () => {
    forget();
    void load().catch(nothing);
  };
  for (const sign of SIGNS) document.addEventListener(sign, begin, { passive: true });
  return forget;
}
