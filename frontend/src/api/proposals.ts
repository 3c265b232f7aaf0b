import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import { askRoutesAnew } from "./moveRoutes";

export const PROPOSALS = "proposals";

/** What waits for a second person, and what was decided. */
export const useProposals = () =>
  useQuery({ queryKey: [PROPOSALS], queryFn: ({ signal }) => told(api.GET("/v1/proposals", { signal })) });

interface Decision {
  proposalId: string;
  isConfirmed: boolean;
}

/** Confirms it as the second person, or declines it. */
export function useDecideProposal() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ proposalId, isConfirmed }: Decision) => {
      const params = { path: { proposal_id: proposalId } };
      return isConfirmed
        ? told(api.POST("/v1/proposals/{proposal_id}/confirm", { params }))
        : told(api.POST("/v1/proposals/{proposal_id}/decline", { params, body: {} }));
    },
    onSettled: () =>
      Promise.all([
        askRoutesAnew(client),
        ...[PROPOSALS, "drafts"].map((key) => askAgain(client, { queryKey: [key] })),
      ]),
  });
}
