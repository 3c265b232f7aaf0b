import { CircleSlash, RotateCw, TriangleAlert } from "lucide-react";
import type { Problem } from "@/api/types";
import { classes } from "@/ui/classes";

/** No number and why: in the tile's place, at the tile's size. A setting that is missing is not a failure. */
export function TileTrouble({ problem }: { problem: Problem }) {
  const isUnset = problem.kind === "backend_not_configured";
  const Icon = isUnset ? CircleSlash : TriangleAlert;
  return (
    // biome-ignore lint/a11y/useSemanticElements: words are no fieldset, and of two tiles in trouble neither is a landmark.
    <div
      role="group"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable to be scrolled by key.
      tabIndex={0}
      aria-label="Why there is no answer"
      className="flex h-full items-start gap-2 overflow-y-auto text-small leading-[1.4]"
    >
      <Icon
        className={classes("mt-0.5 size-3.5 shrink-0", isUnset ? "text-faint" : "text-bad")}
        aria-hidden
      />
      <div className="min-w-0 [overflow-wrap:anywhere]">
        <p className="font-medium">{isUnset ? "Not configured" : problem.title}</p>
        <p className="text-soft">{problem.detail}</p>
        {problem.mend && <p className="text-faint">{problem.mend}</p>}
      </div>
    </div>
  );
}

/** Stands where the hallmark would. */
export function AskAgain({ onPress, isBusy }: { onPress: () => void; isBusy: boolean }) {
  return (
    <button
      type="button"
      onClick={onPress}
      disabled={isBusy}
      className="inline-flex items-center gap-1.5 text-accent underline-offset-2 hover:underline disabled:text-faint"
    >
      <RotateCw className="size-3" aria-hidden />
      {isBusy ? "Asking…" : "Ask again"}
    </button>
  );
}
