import { useCallback, useContext } from "react";
import { useAddress } from "@/app/address";
import { ReceiptPlaceContext } from "./ReceiptPlace";

/** The receipt beside the page lives in the URL, so that it can be linked to. */
export function useOpenReceipt() {
  const { get, write } = useAddress();
  const place = useContext(ReceiptPlaceContext);
  const open = useCallback(
    (receiptId: string, tile?: string) => {
      if (place) return place(receiptId);
      write({ receipt: receiptId, tile: tile ?? null });
    },
    [write, place],
  );
  const close = useCallback(() => write({ receipt: null, tile: null }), [write]);
  return { receiptId: get("receipt"), tile: get("receipt") && get("tile"), open, close };
}
