import { useCallback, useContext } from "react";
import { useSearchParams } from "react-router";
import { ReceiptPlaceContext } from "./ReceiptPlace";

/** The receipt beside the page lives in the URL, so that it can be linked to. */
export function useOpenReceipt() {
  const [search, setSearch] = useSearchParams();
  const place = useContext(ReceiptPlaceContext);
  const open = useCallback(
    (receiptId: string, tile?: string) => {
      if (place) return place(receiptId);
      setSearch((held) => {
        const next = new URLSearchParams(held);
        next.set("receipt", receiptId);
        if (tile) next.set("tile", tile);
        else next.delete("tile");
        return next;
      });
    },
    [setSearch, place],
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
