import { MutationCache, type Query, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./problem";

/** What nobody looks at is kept for a day, so that one can walk between pages while the server is away. */
export const KEPT_MS = 86_400_000;

/** One client for the page. `onSignInRequired` hears every 401, whichever request met it; `onRefused` of what may not be read any more. */
export function createQueryClient(
  onSignInRequired: () => void,
  onRefused: () => void = () => {},
): QueryClient {
  const onError = (error: Error) => {
    if (error instanceof ProblemError && error.problem.status === 401) onSignInRequired();
  };
  const onReadError = (error: Error, query: Query<unknown, unknown, unknown>) => {
    onError(error);
    if (!(error instanceof ProblemError) || !isRefusal(error)) return;
    // What it was before is not theirs any more.
    if (query.state.data !== undefined) query.setState({ data: undefined });
    onRefused();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError: onReadError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      // Never paused on "offline": a request that fails says so on the screen.
      queries: { retry: false, networkMode: "always", gcTime: KEPT_MS, staleTime: 30_000 },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** It may not be seen, or nobody can tell just now who sees it. */
const isRefusal = ({ problem: { status, kind } }: ProblemError) =>
  status === 403 || kind === "policy_unknown";
