import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problem";

/** What nobody looks at is kept for a day, so that one can walk between pages while the server is away. */
export const KEPT_MS = 86_400_000;

/** One client for the page. `onSignInRequired` hears every 401, whichever request met it. */
export function createQueryClient(onSignInRequired: () => void): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ProblemError && error.problem.status === 401) onSignInRequired();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Never paused on "offline": a request that fails says so on the screen.
      queries: { retry: false, networkMode: "always", gcTime: KEPT_MS, staleTime: 30_000 },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}
