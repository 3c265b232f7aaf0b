import type { Route, ShadowLine, Verdict } from "@/api/types";
import { clockText } from "@/format/times";
import { cleanInARow, shadowSentence } from "./shadow";
import { millisecondsText, VERDICT_WORDS } from "./words";

interface ShadowMarksProps {
  route: Route;
  shadow: string;
  lines: ShadowLine[];
  timezone: string;
}

const MOST = 80;
const HEIGHT = 64;
const MARKS = 14;
const STEP = 4;

const FILLS: Record<Verdict, string> = {
  equal: "var(--gold)",
  within_tolerance: "var(--gold)",
  differs: "var(--bad)",
  not_comparable: "var(--line-strong)",
};

const COLOURS: Record<string, string> = {
  postgres: "var(--postgres)",
  duckdb: "var(--duckdb)",
  databricks: "var(--databricks)",
  spark: "var(--spark)",
};

/** Agreement over time, oldest to the left: a mark a comparison, and below it how long each side took. */
export function ShadowMarks({ route, shadow, lines, timezone }: ShadowMarksProps) {
  const shown = lines.slice(0, MOST).reverse();
  const slowest = Math.max(...shown.flatMap((line) => [line.here_ms ?? 0, line.there_ms ?? 0]), 1);
  const width = Math.max(shown.length, 20) * STEP;
  const left = width - shown.length * STEP;
  const y = (ms: number) => HEIGHT - 2 - (ms / slowest) * (HEIGHT - MARKS - 10);
  const colour = (name: string) =>
    COLOURS[route.choices.find((choice) => choice.backend === name)?.driver ?? ""] ?? "var(--other)";
  const path = (of: (line: ShadowLine) => number | null) =>
    shown
      .map((line, index) => [left + index * STEP + STEP / 2, of(line)] as const)
      .filter((point): point is readonly [number, number] => point[1] !== null)
      .map(([x, ms]) => `${x.toFixed(1)},${y(ms).toFixed(1)}`)
      .join(" ");
  const first = shown[0];
  return (
    <figure className="grid gap-1">
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${shadowSentence(lines)} ${cleanInARow(lines)} in a row are clean.`}
        className="h-16 w-full"
      >
        {shown.map((line, index) => (
          <g key={line.compared_at}>
            <title>
              {`${clockText(line.compared_at, timezone)}: ${VERDICT_WORDS[line.verdict]}, ${took(line)}`}
            </title>
            <rect x={left + index * STEP} y={0} width={STEP} height={HEIGHT} fill="transparent" />
            <rect
              x={left + index * STEP + 0.5}
              y={line.verdict === "differs" ? 0 : 4}
              width={STEP - 1}
              height={line.verdict === "differs" ? MARKS : line.verdict === "not_comparable" ? 3 : 8}
              rx={0.8}
              fill={FILLS[line.verdict]}
            />
          </g>
        ))}
        {[
          { side: first?.backend ?? "", points: path((line) => line.here_ms) },
          { side: shadow, points: path((line) => line.there_ms) },
        ].map(({ side, points }) => (
          <polyline
            key={side}
            points={points}
            fill="none"
            stroke={colour(side)}
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
            pointerEvents="none"
          />
        ))}
      </svg>
      <figcaption className="flex justify-between text-mark text-faint">
        <span>{first && clockText(first.compared_at, timezone)}</span>
        <span>up to {millisecondsText(slowest)}</span>
      </figcaption>
    </figure>
  );
}

function took({ backend, shadow, here_ms, there_ms }: ShadowLine): string {
  const side = (name: string, ms: number | null) =>
    `${name} ${ms === null ? "did not answer" : millisecondsText(ms)}`;
  return `${side(backend, here_ms)}, ${side(shadow, there_ms)}`;
}
