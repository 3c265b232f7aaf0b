import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { request } from "./client";
import type { Receipt, ReceiptLine, Replay } from "./types";

interface ReceiptPage {
  receipts: ReceiptLine[];
  next: string | null;
}

export const useReceipts = (metricId: string | null, limit = 50) =>
  useInfiniteQuery({
    queryKey: ["receipts", metricId, limit],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(limit) });
      if (metricId) query.set("metric_id", metricId);
      if (pageParam) query.set("before", pageParam);
      return request<ReceiptPage>("GET", `/v1/receipts?${query}`, { signal });
    },
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

const receiptPath = (receiptId: string) => `/v1/receipts/${encodeURIComponent(receiptId)}`;

/** A receipt never changes once written. */
export const useReceipt = (receiptId: string) =>
  useQuery({
    queryKey: ["receipt", receiptId],
    queryFn: ({ signal }) => request<Receipt>("GET", receiptPath(receiptId), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export function useReplay(receiptId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => request<Replay>("POST", `${receiptPath(receiptId)}/replay`),
    onSuccess: () => client.invalidateQueries({ queryKey: ["receipts"] }),
  });
}
