import type { Answer } from "@/api/types";
import { numberOf } from "@/ui/numbers";
import { cellAt, shapeOf } from "./shape";
import { isLastOpen } from "./trendSeries";

const WIDTH = 84;
const HEIGHT = 26;
const PAD = 2;

function points(numbers: number[]): string {
  const low = Math.min(...numbers);
  const spread = Math.max(...numbers) - low || 1;
  return numbers
    .map((number, index) => {
      const x = PAD + (index * (WIDTH - 2 * PAD)) / (numbers.length - 1);
      const y = HEIGHT - PAD - ((number - low) / spread) * (HEIGHT - 2 * PAD);
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}

/** The shape of the last weeks behind a figure. It repeats nothing that is not told elsewhere, so it is hidden from readers. */
export function Sparkline({ answer }: { answer: Answer }) {
  const column = shapeOf(answer).values[0];
  // A bucket that is still running would draw a fall that is none.
  const rows = isLastOpen(answer) ? answer.rows.slice(0, -1) : answer.rows;
  const numbers = column
    ? rows.map((row) => numberOf(cellAt(row, column.index))).filter((each) => each !== null)
    : [];
  if (numbers.length < 3) return null;
  return (
    <svg
      width={WIDTH}
      height={HEIGHT}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      aria-hidden
      className="hidden min-w-0 shrink text-line-strong @[180px]:block"
    >
      <polyline
        points={points(numbers)}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.4"
        strokeLinejoin="round"
      />
    </svg>
  );
}
