/** What the document itself has asked for while the page's code came (public/begin.js). Each is taken once, and only while it is fresh. */

declare global {
  interface Window {
    assayEarly?: { at: number; asked: Map<string, Promise<Response>> };
  }
}

/** Longer than this it may have moved without anybody hearing of it. */
const FRESH_MS = 20_000;

export function takeEarly({ method, url }: Request): Promise<Response> | undefined {
  const early = window.assayEarly;
  if (method !== "GET" || !early || performance.now() - early.at > FRESH_MS) return undefined;
  const { pathname, search } = new URL(url);
  const answer = early.asked.get(pathname + search);
  early.asked.delete(pathname + search);
  return answer;
}

/** Something has moved, perhaps what was asked for before: what nobody has taken yet is asked anew. */
export function forgetEarly(): void {
  window.assayEarly?.asked.clear();
}
