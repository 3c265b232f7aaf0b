import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";
import type { Workspace } from "./types";

/** How far this machine's clock is ahead of the server's, in ms. Ages are counted on the server's clock. */
let clockAhead = 0;

export const serverNow = (now: number) => now - clockAhead;

async function fetchWorkspace(signal: AbortSignal): Promise<Workspace> {
  const workspace = await told(api.GET("/v1/workspace", { signal }));
  clockAhead = Date.now() - Date.parse(workspace.server_time);
  return workspace;
}

export const useWorkspace = () =>
  useQuery({ queryKey: ["workspace"], queryFn: ({ signal }) => fetchWorkspace(signal) });
