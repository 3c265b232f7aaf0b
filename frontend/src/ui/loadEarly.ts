const nothing = () => {};

/** Loads a part of the page while nothing else happens. Where that fails, it fails again, and is told, when it is wanted. */
export function loadEarly(load: () => Promise<unknown>, afterMs: number): () => void {
  const timer = setTimeout(() => void load().catch(nothing), afterMs);
  return () => clearTimeout(timer);
}
