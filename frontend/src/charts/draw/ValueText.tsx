import type { Cell } from "@/api/types";
import { exactText, shortText } from "@/format/numbers";
import { TONE_TEXT, TONE_WORDS, type ValueTone } from "@/ui/tones";
import type { Plan } from "../plan";

interface ValueTextProps {
  value: Cell;
  plan: Plan;
  tone: ValueTone | null;
}

/** A value the way its widget wants it: its format, and its colour with the word for it. */
export function ValueText({ value, plan, tone }: ValueTextProps) {
  const { unit, places } = plan.scale;
  return (
    <span className={tone ? TONE_TEXT[tone] : undefined} title={exactText(value, unit)}>
      {shortText(value, unit, plan.format, places)}
      {value === null && <span className="sr-only">no value</span>}
      {tone && <span className="sr-only"> ({TONE_WORDS[tone]})</span>}
    </span>
  );
}
