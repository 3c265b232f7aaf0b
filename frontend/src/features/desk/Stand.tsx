import type { ReactNode } from "react";
import { problemOf } from "@/api/problem";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";

interface StandProps<T> {
  read: { data: T | undefined; error: Error | null; refetch: () => unknown };
  loading: string;
  lines?: number;
  children: (data: T) => ReactNode;
}

/** What was read, how it stands: not here yet, not to be had, or here; and when asking again failed, both. */
export function Stand<T>({ read, loading, lines = 4, children }: StandProps<T>) {
  const problem = read.error && problemOf(read.error);
  if (read.data === undefined && !problem) return <LoadingLines label={loading} lines={lines} />;
  const isUnset = problem?.kind === "loop_unavailable";
  return (
    <>
      {problem &&
        (isUnset ? (
          <p className="py-4 text-center text-soft">
            {problem.detail}
            {problem.mend && <span className="block text-faint">{problem.mend}</span>}
          </p>
        ) : (
          <Trouble
            sentence={
              read.data === undefined ? problem.detail : `What is shown may be old: ${problem.detail}`
            }
            mend={problem.mend}
            onRetry={() => void read.refetch()}
          />
        ))}
      {read.data !== undefined && !isUnset && children(read.data)}
    </>
  );
}
