/** What the document itself has asked for while the page's code came (public/begin.js). Each is taken once, and only while it is fresh. */

declare global {
  interface Window {
    assayEarly?: { at: number; asked: Map<string, Promise<Response>> };
  }
}

/** Longer than this it may have moved without anybody hearing of it. */
const FRESH_MS = 20_000;

/** What the document asks in begin.js: it reads, and asks questions. */
const isReading = (method: string, pathname: string) => method === "GET" || pathname.endsWith("/v1/data");

/** The answer to exactly this request, where the document has asked it: same path, same body. What changes anything is never taken for it. */
export async function takeEarly(request: Request): Promise<Response | undefined> {
  const early = window.assayEarly;
  if (!early || early.asked.size === 0 || performance.now() - early.at > FRESH_MS) return undefined;
  const { pathname, search } = new URL(request.url);
  if (!isReading(request.method, pathname)) return undefined;
  const body = request.method === "GET" ? "" : await request.clone().text();
  const key = pathname + search + body;
  const answer = early.asked.get(key);
  early.asked.delete(key);
  return answer;
}

/** Something has moved, perhaps what was asked for before: what nobody has taken yet is asked anew. */
export function forgetEarly(): void {
  window.assayEarly?.asked.clear();
}
