import { lazy, Suspense, useEffect, useRef } from "react";
import { useMatch } from "react-router";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { loadEarly } from "@/ui/loadEarly";
import { closeWords, openWords, useWordsRequest } from "@/widgets/wordsPlace";
import { PATHS, useAddress } from "./address";

const load = () => import("@/features/words/WordsDialog");
const WordsDialog = lazy(() => load().then((module) => ({ default: module.WordsDialog })));

const ReceiptLoader = lazy(() =>
  import("@/features/receipts/ReceiptLoader").then((module) => ({ default: module.ReceiptLoader })),
);

const ignoreReplayed = () => {};

function useWordsKey() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isKey = event.key.toLowerCase() === "i" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (!isKey || event.altKey) return;
      event.preventDefault();
      openWords();
    };
    document.addEventListener("keydown", onKey);
    // Fetched before it is wanted: the first words are read as fast as any others.
    const forgetEarly = loadEarly(load);
    return () => {
      document.removeEventListener("keydown", onKey);
      forgetEarly();
    };
  }, []);
}

/** Where a widget is added or edited by words, over whichever page that was asked on. */
export function WordsPlace() {
  const request = useWordsRequest();
  const { get, write } = useAddress();
  const here = useMatch(PATHS.dashboard)?.params.dashboardId ?? null;
  useWordsKey();
  // Only as the page begins: afterwards the dialog writes the session into the URL itself.
  const begun = useRef(get("ask"));
  useEffect(() => {
    if (begun.current) openWords({ sessionId: begun.current });
  }, []);
  if (!request) return null;
  const close = () => {
    closeWords();
    write({ ask: null }, { replace: true });
  };
  return (
    <ErrorBoundary resetKey="words" isOver>
      <Suspense fallback={null}>
        <WordsDialog
          request={request}
          here={here}
          renderReceipt={(receiptId) => <ReceiptLoader receiptId={receiptId} onOpen={ignoreReplayed} />}
          onClose={close}
        />
      </Suspense>
    </ErrorBoundary>
  );
}
