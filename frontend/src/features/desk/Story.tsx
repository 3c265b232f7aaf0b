import type { Recommendation } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { exactText } from "@/format/numbers";
import { clockText } from "@/format/times";
import { classes } from "@/ui/classes";
import { eventWords } from "./caseWords";
import { MONEY, saves } from "./recommendationWords";

interface Step {
  name: string;
  what: string;
  at: string | null;
  isDone: boolean;
}

function decision({ state, decided_by: by, dismiss_reason: reason }: Recommendation): string {
  if (state === "open") return "waiting for a person";
  if (state === "superseded") return "replaced by a newer recommendation";
  return `${state}${by ? ` by ${by}` : ""}${reason ? `: ${reason}` : ""}`;
}

function outcome(recommendation: Recommendation): string {
  if (recommendation.state === "open") return "nothing has been done yet";
  if (recommendation.state !== "approved") return "nothing was done";
  return saves(recommendation)
    ? `${exactText(recommendation.saving_usd, MONEY)} saved, the case is closed`
    : "carried out";
}

function steps(recommendation: Recommendation): Step[] {
  const isDecided = recommendation.state !== "open";
  return [
    {
      name: "Event",
      what: eventWords(recommendation.event_type),
      at: recommendation.created_at,
      isDone: true,
    },
    { name: "Recommendation", what: recommendation.label, at: recommendation.created_at, isDone: true },
    { name: "Decision", what: decision(recommendation), at: recommendation.decided_at, isDone: isDecided },
    {
      name: "Outcome",
      what: outcome(recommendation),
      at: recommendation.decided_at,
      isDone: recommendation.state === "approved",
    },
  ];
}

/** The case in four steps: what happened, what was advised, what was decided, what came of it. */
export function Story({ recommendation }: { recommendation: Recommendation }) {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  return (
    <ol aria-label="The case so far" className="grid gap-0">
      {steps(recommendation).map(({ name, what, at, isDone }, index, all) => (
        <li key={name} className="relative flex gap-2.5 pb-2.5 last:pb-0">
          {index < all.length - 1 && (
            <span aria-hidden className="absolute top-3 bottom-[-3px] left-[4.5px] w-px bg-line" />
          )}
          <span
            aria-hidden
            className={classes(
              "relative mt-[5px] size-2.5 shrink-0 rounded-full border-2",
              isDone ? "border-accent bg-accent" : "border-line-strong bg-surface",
            )}
          />
          <p className="min-w-0 flex-1 leading-5">
            <span className="font-medium">{name}</span>{" "}
            <span className={classes("[overflow-wrap:anywhere]", isDone ? "text-soft" : "text-faint")}>
              {what}
            </span>
          </p>
          {isDone && at && (
            <time dateTime={at} className="shrink-0 text-small leading-5 text-faint">
              {clockText(at, timezone, Date.parse(at))}
            </time>
          )}
        </li>
      ))}
    </ol>
  );
}
