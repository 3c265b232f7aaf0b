import type { Cell, Widget } from "@/api/types";
import { exactText, shortText } from "@/ui/numbers";
import { TONE_TEXT, TONE_WORDS, toneOf } from "@/ui/tones";

interface ValueTextProps {
  value: Cell;
  unit: string | null;
  widget?: Widget | undefined;
}

/** A value the way its widget wants it: its format, and its colour with the word for it. */
export function ValueText({ value, unit, widget }: ValueTextProps) {
  const tone = toneOf(value, widget?.thresholds);
  return (
    <span className={tone ? TONE_TEXT[tone] : undefined} title={exactText(value, unit)}>
      {shortText(value, unit, widget?.format)}
      {tone && <span className="sr-only"> ({TONE_WORDS[tone]})</span>}
    </span>
  );
}
