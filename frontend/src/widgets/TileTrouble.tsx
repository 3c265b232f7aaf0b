import { CircleSlash, RotateCw, TriangleAlert } from "lucide-react";
import type { Problem } from "@/api/types";

/** No number and why: in the tile's place, at the tile's size. A setting that is missing is not a failure. */
export function TileTrouble({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const isUnset = problem.kind === "backend_not_configured";
  const Icon = isUnset ? CircleSlash : TriangleAlert;
  return (
    <div className="flex h-full min-h-0 items-start gap-2 overflow-y-auto py-1 text-[12px]">
      <Icon
        className={isUnset ? "mt-0.5 size-3.5 shrink-0 text-faint" : "mt-0.5 size-3.5 shrink-0 text-bad"}
        aria-hidden
      />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{isUnset ? "Not configured" : problem.title}</p>
        <p className="text-soft">{problem.detail}</p>
        {problem.mend && <p className="text-faint">{problem.mend}</p>}
        <button
          type="button"
          onClick={onRetry}
          className="mt-1 inline-flex items-center gap-1 text-accent underline underline-offset-2"
        >
          <RotateCw className="size-3" aria-hidden />
          Ask again
        </button>
      </div>
    </div>
  );
}
