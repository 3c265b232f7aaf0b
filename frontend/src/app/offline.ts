/** What a page needs to open while the server is away: its own files, kept by the service worker, and the last good answers. */
import type { QueryClient } from "@tanstack/react-query";
import { onceAnswered } from "@/api/answers";
import { lastReached, onReach, wasReached } from "@/api/reach";

const loadKept = () => import("@/api/kept");
const nothing = () => {};

/** By then it is known what a first view is made of. */
const SETTLED_MS = 5_000;

/** Browsers have these over HTTPS and on this machine only. */
const canKeep = () => typeof caches !== "undefined" && "serviceWorker" in navigator;

async function keepFiles() {
  if (!import.meta.env.PROD) return;
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  const files = performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname);
  active?.postMessage({ kind: "made_of", files: files.filter((path) => path.startsWith("/assets/")) });
}

/** After the first numbers, so that these wait for nothing of it; a server that is away from the start is found out at once. */
export function followReach(client: QueryClient): () => void {
  if (!canKeep()) return nothing;
  const stops: (() => void)[] = [];
  const keep = () => {
    void loadKept()
      .then(({ keepAnswers }) => stops.push(keepAnswers(client)))
      .catch(nothing);
    const timer = setTimeout(() => void keepFiles().catch(nothing), SETTLED_MS);
    stops.push(() => clearTimeout(timer));
  };
  const showKept = () => {
    if (wasReached() || lastReached() !== null) return;
    void loadKept()
      .then((kept) => kept.showKept(client))
      .catch(nothing);
  };
  stops.push(onceAnswered(client, keep), onReach(showKept));
  return () => {
    for (const stop of stops) stop();
  };
}
