/** Bars and areas begin at 0. A line need not, and then the axis says so. */
import type { Plan, Rule } from "../plan";
import { axisText, extremes, roundExtent } from "../scale";

/** Where the values of a line are nearer to one another than to 0, its shape would be lost on an axis from 0. */
const NEAR = 0.5;

function reach(plan: Plan): number[] {
  return [
    ...plan.bars.flatMap(({ from, to }) => [from, to]),
    ...plan.lines.flatMap(({ to, base }) => [...to, ...(base ?? [])].filter((each) => each !== null)),
    ...plan.across.map(({ at }) => at),
  ];
}

export const zero: Rule = (plan) => {
  const [low, high] = extremes(reach(plan));
  const { unit } = plan.scale;
  if (plan.shape !== "over_time") {
    const scale = { low: Math.min(0, low), high: Math.max(0, high), step: 0, unit, reason: null };
    return { ...plan, scale: scale.low === scale.high ? { ...scale, high: 1 } : scale };
  }
  const isFilled = plan.bars.length > 0 || plan.lines.some(({ base }) => base !== null);
  const isFar = low > 0 ? low >= high * NEAR : high < 0 && high <= low * NEAR;
  const leaves = !isFilled && isFar;
  const extent = leaves ? roundExtent(low, high) : roundExtent(Math.min(0, low), Math.max(0, high));
  // Rounding may lead to 0 all the same.
  const isAtZero = extent.low <= 0 && extent.high >= 0;
  const end = extent.low > 0 ? extent.low : extent.high;
  const scale = { ...extent, unit, reason: null };
  return {
    ...plan,
    scale: isAtZero ? scale : { ...scale, reason: `axis from ${axisText(end, scale)}, not from 0` },
  };
};
