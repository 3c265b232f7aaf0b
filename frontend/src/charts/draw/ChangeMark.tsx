import { ArrowDown, ArrowUp, Minus } from "lucide-react";
import type { Cell } from "@/api/types";
import { changeOf, type Tone } from "@/format/change";
import { classes } from "@/ui/classes";

export const TONES: Record<Tone, string> = { good: "text-good", bad: "text-bad", neutral: "text-soft" };
const ARROWS = { up: ArrowUp, down: ArrowDown, level: Minus };

interface ChangeMarkProps {
  value: Cell;
  previous: Cell;
  unit: string | null;
  direction: string;
  /** "vs prev 30 days"; left out in a table, whose header says it. */
  against?: string;
}

/** A change with arrow, amount and verdict in words. Says nothing when there is nothing to compare with. */
export function ChangeMark({ value, previous, unit, direction, against }: ChangeMarkProps) {
  const change = changeOf(value, previous, unit, direction);
  if (!change) return null;
  const Arrow = ARROWS[change.way];
  return (
    <span className="inline-flex min-w-0 max-w-full flex-wrap items-center gap-x-1 text-small">
      <span
        className={classes("inline-flex max-w-full items-center gap-0.5 font-medium", TONES[change.tone])}
      >
        <Arrow className="size-3" strokeWidth={2.6} aria-hidden />
        {change.way !== "level" && <span className="sr-only">{change.way} </span>}
        {change.text}
        {change.word && <span className={against ? "" : "sr-only"}>&nbsp;{change.word}</span>}
      </span>
      {against && <span className="min-w-0 text-faint">{against}</span>}
    </span>
  );
}
