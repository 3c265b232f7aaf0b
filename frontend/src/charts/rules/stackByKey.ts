/** Parts on top of one another, band by band: each begins where the one before it in the same band ends, never at the n-th point. */
import { type Bar, type Line, type Plan, type Rule, sizeOf } from "../plan";

/** What goes down is stacked downwards, apart from what goes up. */
function piles() {
  const tops = new Map<string, number>();
  return (band: number, size: number): [number, number] => {
    const key = `${band} ${size < 0 ? "down" : "up"}`;
    const from = tops.get(key) ?? 0;
    tops.set(key, from + size);
    return [from, from + size];
  };
}

function stackedBars(bars: Bar[]): Bar[] {
  const put = piles();
  return [...bars]
    .sort((a, b) => a.series - b.series)
    .map((bar) => {
      const [from, to] = put(bar.band, sizeOf(bar));
      return { ...bar, from, to };
    });
}

function stackedLines(lines: Line[], series: Plan["series"]): Line[] {
  const put = piles();
  return lines.map((line) => {
    if (series[line.series]?.role !== "own") return line;
    const spans = line.to.map((size, band) => (size === null ? null : put(band, size)));
    return {
      ...line,
      base: spans.map((span) => span?.[0] ?? 0),
      to: spans.map((span) => span?.[1] ?? null),
    };
  });
}

export const stackByKey: Rule = (plan) =>
  plan.isStacked
    ? { ...plan, bars: stackedBars(plan.bars), lines: stackedLines(plan.lines, plan.series) }
    : plan;
