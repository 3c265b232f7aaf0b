import { TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { problemOf } from "@/api/problem";
import type { WorkspaceProblem } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { IconButton } from "@/ui/Button";
import { asSentence, begun } from "@/ui/sentences";
import { Trouble } from "@/ui/Trouble";

function place({ kind, file, line }: WorkspaceProblem): string {
  if (file === null) return kind;
  return line === null ? file : `${file}:${line}`;
}

/** One cause; what was found only because of it lies folded under it. */
function Line({ problem }: { problem: WorkspaceProblem }) {
  const follows = problem.follows ?? [];
  return (
    <div className="[overflow-wrap:anywhere]">
      <code className="font-mono text-mark font-medium text-stale">{place(problem)}</code>{" "}
      {asSentence(problem.message)}
      {problem.mend && <span className="text-soft"> {begun(problem.mend)}</span>}
      {follows.length > 0 && (
        <details>
          <summary className="cursor-pointer text-soft">{follows.length} more follow from it</summary>
          <ul className="mt-1 grid gap-1 text-soft">
            {follows.map((each) => (
              <li key={each}>{each}</li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What is wrong with the workspace, where, and what mends it. Dismissed, it stays away until it changes. */
export function ProblemsBanner() {
  const workspace = useWorkspace();
  const [dismissed, setDismissed] = useState<string | null>(null);
  const problems = workspace.data?.problems ?? [];
  const said = JSON.stringify(problems);
  if (workspace.error && !workspace.data) {
    const problem = problemOf(workspace.error);
    return (
      <div className="mb-4">
        <Trouble sentence={problem.detail} mend={problem.mend} onRetry={() => void workspace.refetch()} />
      </div>
    );
  }
  if (problems.length === 0 || said === dismissed) return null;
  const [first, ...others] = problems;
  return (
    <section
      aria-label="Problems of the workspace"
      className="mb-4 flex gap-2.5 rounded-[11px] bg-stale-soft px-3.5 py-2.5 text-label"
    >
      <TriangleAlert className="mt-0.5 size-4 shrink-0 text-stale" aria-hidden />
      <div role="status" className="min-w-0 flex-1">
        {first && <Line problem={first} />}
        {others.length > 0 && (
          <details>
            <summary className="cursor-pointer text-soft">and {others.length} more</summary>
            <ul className="mt-1.5 grid gap-1.5">
              {others.map((problem) => (
                <li key={place(problem) + problem.message}>
                  <Line problem={problem} />
                </li>
              ))}
            </ul>
          </details>
        )}
      </div>
      <IconButton
        label="Dismiss until this changes"
        onClick={() => setDismissed(said)}
        className="-my-1 -mr-1.5"
      >
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
