import { problemOf } from "@/api/problem";
import { Trouble } from "@/ui/Trouble";

interface FailureProps {
  /** A request that failed. */
  of: { error: unknown; refetch: () => unknown };
}

/**
 * Whether there is nothing to show. What was read before stays on the screen while the server is away or in trouble: it is the
 * last that was good. A refusal is another thing: what is not there, or not for this reader, is no longer shown.
 */
export const hasFailed = ({ error, data }: { error: unknown; data: unknown }): boolean =>
  Boolean(error) && (data === undefined || isRefused(problemOf(error).status));

const isRefused = (status: number) => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** Why a part of the page cannot be shown. What is not there will not be there when it is asked again. */
export function Failure({ of }: FailureProps) {
  const { detail, mend, status } = problemOf(of.error);
  const canHelp = status !== 404;
  return <Trouble sentence={detail} mend={mend} {...(canHelp && { onRetry: () => void of.refetch() })} />;
}
