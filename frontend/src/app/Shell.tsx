import { lazy, Suspense, useEffect } from "react";
import { Outlet, useLocation } from "react-router";
import { useToldHues } from "@/charts/useHues";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { loadEarly } from "@/ui/loadEarly";
import { Notices } from "@/ui/Notices";
import { setPaletteOpen, usePaletteOpen } from "@/ui/paletteState";
import { LoadingLines } from "@/ui/Skeleton";
import { useAddress } from "./address";
import { ProblemsBanner } from "./ProblemsBanner";
import { Rail } from "./Rail";
import { UnknownParts } from "./UnknownParts";
import { useAppCommands } from "./useAppCommands";
import { WordsPlace } from "./WordsPlace";

const ReceiptSheet = lazy(() =>
  import("@/features/receipts/ReceiptSheet").then((m) => ({ default: m.ReceiptSheet })),
);
const loadPalette = () => import("@/features/palette/Palette");
const OVERLAYS = [
  loadPalette,
  () => import("@/ui/OpenMenu"),
  () => import("@/ui/OpenPopover"),
  () => import("@/ui/OpenDialog"),
  () => import("@/features/receipts/ReceiptSheet"),
];
/** One after another, each in a task of its own: whoever has just moved the pointer is not kept waiting. */
async function loadOverlays() {
  for (const load of OVERLAYS) {
    await load();
    await new Promise((resolve) => setTimeout(resolve));
  }
}
const Palette = lazy(() => loadPalette().then((m) => ({ default: m.Palette })));

function usePaletteKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setPaletteOpen(true);
    };
    document.addEventListener("keydown", onKey);
    // Fetched before it is wanted, so that the first keys typed into it are not lost.
    const forgetEarly = loadEarly(loadOverlays);
    return () => {
      document.removeEventListener("keydown", onKey);
      forgetEarly();
    };
  }, []);
}

/** What every page stands in: the rail, the banner, the page, and the receipt beside it. */
export function Shell() {
  const { pathname } = useLocation();
  const { get } = useAddress();
  const receiptId = get("receipt");
  const isPaletteOpen = usePaletteOpen();
  usePaletteKey();
  useToldHues();
  useAppCommands();
  return (
    <div className="flex min-h-dvh flex-col md:flex-row">
      <a
        href="#page"
        className="sr-only z-50 rounded-md bg-ink px-3 py-2 text-bg focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <Rail />
      <main id="page" tabIndex={-1} className="min-w-0 flex-1 px-4 py-4 outline-none md:px-5">
        <ProblemsBanner />
        <UnknownParts />
        <ErrorBoundary resetKey={pathname}>
          <Suspense fallback={<LoadingLines label="Loading the page" lines={10} />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      {receiptId !== null && (
        <ErrorBoundary resetKey={receiptId} isOver>
          <Suspense fallback={null}>
            <ReceiptSheet />
          </Suspense>
        </ErrorBoundary>
      )}
      <WordsPlace />
      <Notices />
      {isPaletteOpen && (
        <ErrorBoundary resetKey="palette" isOver>
          <Suspense fallback={null}>
            <Palette />
          </Suspense>
        </ErrorBoundary>
      )}
    </div>
  );
}
