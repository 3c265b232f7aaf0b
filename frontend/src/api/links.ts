import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import type { LinkForm } from "./types";

const LINKS = "links";

/** One's own links to figures, newest first; an admin's are everybody's. */
export const useLinks = () =>
  useQuery({
    queryKey: [LINKS],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/links", { signal }))).links,
  });

/** Makes a link: its address is in this one answer only. */
export function useMakeLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (form: LinkForm) => told(api.POST("/v1/links", { body: form })),
    onSettled: () => askAgain(client, { queryKey: [LINKS] }),
  });
}

/** Takes a link back: it gives nothing any more. */
export function useRevokeLink() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (linkId: string) =>
      told(api.DELETE("/v1/links/{link_id}", { params: { path: { link_id: linkId } } })),
    onSettled: () => askAgain(client, { queryKey: [LINKS] }),
  });
}
