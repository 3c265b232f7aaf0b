import { queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
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

/** As it leaves; once it has its place in the log it stays as it is. Whoever saves it waits for it though the receipt is closed. */
export const signedQuery = (receiptId: string) =>
  queryOptions({
    queryKey: ["receipt", receiptId, "signed"],
    queryFn: () => told(api.GET("/v1/receipts/{receipt_id}/export", of(receiptId))),
    staleTime: ({ state }) => (state.data?.log ? Number.POSITIVE_INFINITY : 0),
  });

/** Asked again until it has its place in the log. */
export const useSigned = (receiptId: string, isWanted: boolean) =>
  useQuery({
    ...signedQuery(receiptId),
    enabled: isWanted,
    refetchInterval: ({ state }) => (state.data?.log === null ? 3_000 : false),
  });

/** What anybody checks receipts of this server with. */
export const usePublicKeys = (isWanted: boolean) =>
  useQuery({
    enabled: isWanted,
    queryKey: ["public keys"],
    queryFn: ({ signal }) => told(api.GET("/.well-known/assay-keys.json", { signal })),
    staleTime: 60_000,
  });

export function useReplay(receiptId: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => told(api.POST("/v1/receipts/{receipt_id}/replay", of(receiptId))),
    onSuccess: () => askAgain(client, { queryKey: ["receipts"] }),
  });
}

/** Another receipt of the same metric laid beside this one. */
export const useSideBySide = (receiptId: string) =>
  useMutation({
    mutationFn: (other: string) =>
      told(
        api.POST("/v1/receipts/{receipt_id}/compare/{other}", {
          params: { path: { receipt_id: receiptId, other } },
        }),
      ),
  });
