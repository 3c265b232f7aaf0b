import { ReceiptText } from "lucide-react";
import { useState } from "react";
import type { Answer, Cell, Metric } from "@/api/types";
import { toneOfChange } from "@/format/change";
import { moveText } from "@/format/moves";
import { numberOf, roundedText } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { useMoved } from "@/ui/useMoved";
import { TONES } from "./ChangeMark";

interface MovedMarkProps {
  answer: Answer;
  value: Cell;
  unit: string | null;
  metric: Metric | undefined;
  /** Opens the receipt of the figure as it is now. */
  onOpen: (() => void) | undefined;
}

/** What is counted, without the moment it was asked: a new moment of the same is the same. */
function whatIsCounted({ metric_id, question }: Answer): string {
  const { filters, dimensions, window } = question;
  return JSON.stringify([
    metric_id,
    filters,
    dimensions,
    window && (window.name ?? [window.start, window.end]),
  ]);
}

/**
 * A figure has moved: by how much, for a minute or as long as somebody is at it, beside the figure, which itself may be too
 * short to show it. It opens the receipt. Said politely to readers. It has its own room, or for that minute the room of the line
 * below, so that nothing shifts.
 */
export function MovedMark({ answer, value, unit, metric, onOpen }: MovedMarkProps) {
  const [isHeld, setHeld] = useState(false);
  const moved = useMoved(value, whatIsCounted(answer), isHeld);
  const text = moved && moveText(moved.from, moved.to, unit);
  const tone = moved
    ? toneOfChange((numberOf(moved.to) ?? 0) > (numberOf(moved.from) ?? 0), metric?.direction ?? "neutral")
    : "neutral";
  return (
    <>
      <span aria-live="polite" className="sr-only">
        {text && `${metric?.label ?? "The figure"}: ${text}, now ${roundedText(value, unit)}`}
      </span>
      {moved && (
        <button
          key={moved.times}
          type="button"
          data-moved
          aria-label={`Moved by ${text}. Open receipt`}
          disabled={!onOpen}
          onClick={onOpen}
          onPointerEnter={() => setHeld(true)}
          onPointerLeave={() => setHeld(false)}
          onFocus={() => setHeld(true)}
          onBlur={() => setHeld(false)}
          className={classes(
            "moved-mark mr-auto inline-flex items-center gap-1 rounded-md px-1.5 py-0.5 text-label leading-5 font-semibold whitespace-nowrap @max-[180px]:absolute @max-[180px]:inset-x-0 @max-[180px]:bottom-0 @max-[180px]:mr-0 @max-[180px]:py-0",
            TONES[tone],
          )}
        >
          <ReceiptText className="size-3.5 text-gold" aria-hidden />
          {text}
        </button>
      )}
    </>
  );
}
