import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** The receipt beside the page lives in the URL, so that it can be linked to. */
export function useOpenReceipt() {
  const [search, setSearch] = useSearchParams();
  const open = useCallback(
    (receiptId: string, tile?: string) =>
      setSearch((held) => {
        const next = new URLSearchParams(held);
        next.set("receipt", receiptId);
        if (tile) next.set("tile", tile);
        else next.delete("tile");
        return next;
      }),
    [setSearch],
  );
  const close = useCallback(
    () =>
      setSearch((held) => {
        const next = new URLSearchParams(held);
        next.delete("receipt");
        next.delete("tile");
        return next;
      }),
    [setSearch],
  );
  return { receiptId: search.get("receipt"), tile: search.get("receipt") && search.get("tile"), open, close };
}
