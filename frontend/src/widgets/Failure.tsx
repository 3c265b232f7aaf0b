import { problemOf } from "@/api/problem";
import { Trouble } from "@/ui/Trouble";

interface FailureProps {
  /** A request that failed. */
  of: { error: unknown; refetch: () => unknown };
}

/** Why a part of the page cannot be shown. What is not there will not be there when it is asked again. */
export function Failure({ of }: FailureProps) {
  const { detail, mend, status } = problemOf(of.error);
  const canHelp = status !== 404;
  return <Trouble sentence={detail} mend={mend} {...(canHelp && { onRetry: () => void of.refetch() })} />;
}
