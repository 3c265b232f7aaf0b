import type { Tried } from "@/api/types";
import { extremes } from "@/charts/scale";
import { numberOf, shortText } from "@/format/numbers";

const WIDTH = 560;
const HEIGHT = 120;
const PAD = 6;

/** The past as a line of values, or of how many groups it held in; where it would have spoken there is a dot. */
export function WatchPast({ past }: { past: Tried }) {
  const isOfGroups = past.points.every(({ value }) => value === null);
  const values = past.points.map((each) => (isOfGroups ? each.holding : numberOf(each.value)));
  const known = values.filter((each) => each !== null);
  if (known.length < 2) return <p className="text-soft">There is too little past to draw.</p>;
  const [low, high] = extremes(past.bar === null || isOfGroups ? known : [...known, past.bar]);
  const spread = high - low || 1;
  const x = (index: number) => PAD + (index * (WIDTH - 2 * PAD)) / Math.max(1, values.length - 1);
  const y = (value: number) => HEIGHT - PAD - ((value - low) / spread) * (HEIGHT - 2 * PAD);
  const way = values
    .map((value, index) =>
      value === null
        ? ""
        : `${(values[index - 1] ?? null) === null ? "M" : "L"}${x(index).toFixed(1)} ${y(value).toFixed(1)}`,
    )
    .join("");
  const first = past.points[0]?.at.slice(0, 10);
  const last = past.points.at(-1)?.at.slice(0, 10);
  const told = (value: number) => shortText(value, isOfGroups ? "count" : past.unit);
  return (
    <figure className="grid gap-1">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={past.text} className="block w-full">
        {past.bar !== null && !isOfGroups && (
          <line
            x1={PAD}
            x2={WIDTH - PAD}
            y1={y(past.bar)}
            y2={y(past.bar)}
            className="stroke-line-strong"
            strokeDasharray="4 4"
          />
        )}
        <path d={way} fill="none" className="stroke-accent" strokeWidth="1.6" strokeLinejoin="round" />
        {past.points.map(({ at, spoke }, index) => {
          const value = values[index] ?? null;
          if (!spoke || value === null) return null;
          return (
            <circle
              key={at}
              cx={x(index)}
              cy={y(value)}
              r="4"
              className="fill-bad stroke-surface"
              strokeWidth="1.5"
            />
          );
        })}
      </svg>
      <figcaption className="flex flex-wrap justify-between gap-x-3 text-mark text-faint">
        <span>{first}</span>
        <span>
          {isOfGroups ? "groups in which it held" : `${told(low)} to ${told(high)}`}
          {past.bar !== null && !isOfGroups && `, dashed: ${told(past.bar)}`}
        </span>
        <span>{last}</span>
      </figcaption>
    </figure>
  );
}
