import type { Answer, Metric } from "@/api/types";
import { numberOf } from "@/format/numbers";
import { cellByBucket, frameOf } from "../frame";
import { extremes } from "../scale";

const WIDTH = 104;
const HEIGHT = 26;
const PAD = 2;

/** A way with a gap wherever there is no value. */
function sparkPath(values: (number | null)[]): string {
  const [low, high] = extremes(values.filter((each) => each !== null));
  const spread = high - low || 1;
  return values
    .map((value, index) => {
      if (value === null) return "";
      const x = PAD + (index * (WIDTH - 2 * PAD)) / (values.length - 1);
      const y = HEIGHT - PAD - ((value - low) / spread) * (HEIGHT - 2 * PAD);
      return `${(values[index - 1] ?? null) === null ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

/** Whole buckets only: one that is cut or still running would draw a fall that is none. */
function sparkOf(answer: Answer, metrics: Metric[]): { values: (number | null)[]; ends: string[] } {
  const frame = frameOf(answer, metrics);
  const column = frame.values[0];
  const whole = frame.buckets.filter(({ state }) => state === "whole");
  const [first, last] = [whole[0], whole.at(-1)];
  if (!column || !first || !last) return { values: [], ends: [] };
  const cellOf = cellByBucket(frame, column);
  return { values: whole.map(({ key }) => numberOf(cellOf(key))), ends: [first.label, last.label] };
}

/** The shape of the last weeks behind a figure. It repeats nothing that is not told elsewhere, so it is hidden from readers. */
export function Sparkline({ answer, metrics }: { answer: Answer; metrics: Metric[] }) {
  const { values, ends } = sparkOf(answer, metrics);
  if (values.filter((each) => each !== null).length < 3) return null;
  return (
    <div
      aria-hidden
      className="hidden w-[8rem] min-w-0 shrink flex-col items-end text-line-strong @[15rem]:flex"
    >
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden className="block w-full">
        <path
          d={sparkPath(values)}
          fill="none"
          stroke="currentColor"
          strokeWidth="1.2"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      </svg>
      <p className="flex w-full min-w-max justify-between gap-2 text-axis leading-3 whitespace-nowrap text-faint">
        {ends.map((end) => (
          <span key={end}>{end}</span>
        ))}
      </p>
    </div>
  );
}
