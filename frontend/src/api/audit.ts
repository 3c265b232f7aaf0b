import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { api, told } from "./client";

/** What entries are looked for by; null for all. */
interface AuditFilter {
  who: string | null;
  action: string | null;
  since: string | null;
  until: string | null;
}

export const useAudit = (filter: AuditFilter, isWanted: boolean) =>
  useInfiniteQuery({
    queryKey: ["audit", filter],
    enabled: isWanted,
    initialPageParam: null as number | null,
    queryFn: ({ pageParam, signal }) =>
      told(api.GET("/v1/audit", { params: { query: { ...filter, before: pageParam, limit: 50 } }, signal })),
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });

/** Walks both logs: it is done when somebody asks for it. */
export const useAuditProof = () => useMutation({ mutationFn: () => told(api.GET("/v1/audit/proof")) });
