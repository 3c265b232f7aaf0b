import { createContext, type ReactNode } from "react";

type OpenReceipt = (receiptId: string) => void;

/** Where receipts open: beside the page, unless a part of it (a dialog) has a place of its own for them. */
export const ReceiptPlaceContext = createContext<OpenReceipt | null>(null);

export function ReceiptPlace({ open, children }: { open: OpenReceipt; children: ReactNode }) {
  return <ReceiptPlaceContext value={open}>{children}</ReceiptPlaceContext>;
}
