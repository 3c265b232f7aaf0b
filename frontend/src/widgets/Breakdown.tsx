import type { Answer } from "@/api/types";
import { exactText, numberOf, shortText } from "@/ui/numbers";
import { cellAt, rowName, shapeOf } from "./shape";

const HUES = 8;
const hue = (index: number) => `var(--mix-${(index % HUES) + 1})`;

/** Parts of a whole: one stacked bar and its legend with shares. */
export function Breakdown({ answer, label }: { answer: Answer; label: string }) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return null;
  const parts = answer.rows.map((row, index) => ({
    name: rowName(row, shape),
    value: cellAt(row, column.index),
    size: Math.max(0, numberOf(cellAt(row, column.index)) ?? 0),
    hue: hue(index),
  }));
  const whole = parts.reduce((sum, part) => sum + part.size, 0);
  const share = (size: number) => (whole > 0 ? (size / whole) * 100 : 0);
  return (
    <div className="@container py-2">
      <div aria-hidden className="flex h-[18px] gap-0.5 overflow-hidden rounded-[5px]">
        {parts.map((part) => (
          <span key={part.name} style={{ width: `${share(part.size)}%`, background: part.hue }} />
        ))}
      </div>
      <ul aria-label={label} className="mt-2.5 grid gap-x-5 gap-y-1 @[300px]:grid-cols-2">
        {parts.map((part) => (
          <li key={part.name} className="flex min-w-0 items-center gap-2 text-soft">
            <i aria-hidden className="size-[9px] shrink-0 rounded-sm" style={{ background: part.hue }} />
            <span className="truncate">{part.name}</span>
            <b
              className="ml-auto font-medium whitespace-nowrap text-ink"
              title={exactText(part.value, column.column.unit)}
            >
              {share(part.size).toFixed(share(part.size) < 9.95 ? 1 : 0)}%
              <span className="ml-1.5 font-normal text-faint">
                {shortText(part.value, column.column.unit)}
              </span>
            </b>
          </li>
        ))}
      </ul>
    </div>
  );
}
