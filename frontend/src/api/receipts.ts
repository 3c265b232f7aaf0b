import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";

export const useReceipts = (metricId: string | null, limit = 50) =>
  useInfiniteQuery({
    queryKey: ["receipts", metricId, limit],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      told(
        api.GET("/v1/receipts", {
          params: { query: { metric_id: metricId, before: pageParam, limit } },
          signal,
        }),
      ),
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

const of = (receiptId: string) => ({ params: { path: { receipt_id: receiptId } } });

/** A receipt never changes once written. */
export const useReceipt = (receiptId: string) =>
  useQuery({
    queryKey: ["receipt", receiptId],
    queryFn: ({ signal }) => told(api.GET("/v1/receipts/{receipt_id}", { ...of(receiptId), signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });

export function useReplay(receiptId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => told(api.POST("/v1/receipts/{receipt_id}/replay", of(receiptId))),
    onSuccess: () => askAgain(client, { queryKey: ["receipts"] }),
  });
}
