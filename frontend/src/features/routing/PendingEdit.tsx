import { CircleAlert, LoaderCircle } from "lucide-react";
import type { Route } from "@/api/types";
import { classes } from "@/ui/classes";

interface PendingEditProps {
  pending: NonNullable<Route["pending"]>;
  file: string;
}

/** An edit of the routing file that is not in force: being compared, or refused and why. */
export function PendingEdit({ pending, file }: PendingEditProps) {
  const isRefused = pending.state === "refused";
  const Icon = isRefused ? CircleAlert : LoaderCircle;
  return (
    <span className={classes("flex max-w-[60ch] gap-1.5 text-[12px]", isRefused ? "text-bad" : "text-stale")}>
      <Icon
        className={classes("mt-0.5 size-3.5 shrink-0", !isRefused && "motion-safe:animate-spin")}
        aria-hidden
      />
      <span className="[overflow-wrap:anywhere]">
        {pending.line !== null && (
          <code className="font-mono text-[11px]">
            {file}:{pending.line}{" "}
          </code>
        )}
        {isRefused ? `Not moved to ${pending.backend}: ` : `Comparing with ${pending.backend}: `}
        {pending.reason}
        {pending.mend && <span className="text-soft"> {pending.mend}</span>}
      </span>
    </span>
  );
}
