/** Bars and areas begin at 0. A line need not, and then the axis says so. */
import type { Plan, Scale } from "../plan";
import { axisText, extremes, isCounted, roundExtent } from "../scale";

/** Where the values of a line are nearer to one another than to 0, its shape would be lost on an axis from 0. */
const NEAR = 0.5;

/** Where marks begin and end. */
const reach = (plan: Plan): number[] => [
  ...plan.bars.flatMap(({ from, to, isRest }) => (isRest ? [] : [from, to])),
  ...plan.lines.flatMap(({ to, base, isSecond }) =>
    isSecond && plan.second ? [] : [...to, ...(base ?? [])].filter((each) => each !== null),
  ),
];

/** The axis of marks, with room for the lines across it. */
function extentOf(marks: number[], { across }: Pick<Plan, "across">, unit: string | null, leaves = false) {
  const [low, high] = extremes([...marks, ...across.map(({ at }) => at)]);
  const [from, to] = leaves ? [low, high] : [Math.min(0, low), Math.max(0, high)];
  return roundExtent(from, to, { isWhole: isCounted(marks, unit) });
}

/** Two axes: as many steps below 0 as above it on both, so that one grid is right for both and 0 is one height. */
function paired(plan: Plan, second: Scale): Plan {
  const ofSecond = plan.lines.flatMap(({ to, isSecond }) =>
    isSecond ? to.filter((each) => each !== null) : [],
  );
  const held = [
    extentOf(reach(plan), plan, plan.scale.unit),
    extentOf(ofSecond, { across: [] }, second.unit),
  ];
  const below = Math.max(...held.map(({ low, step }) => Math.round(-low / step)));
  const above = Math.max(...held.map(({ high, step }) => Math.round(high / step)));
  const spread = (scale: Scale, step: number): Scale => ({
    ...scale,
    low: -below * step,
    high: Number((above * step).toPrecision(12)),
    step,
  });
  const [first, other] = held.map(({ step }) => step);
  return { ...plan, scale: spread(plan.scale, first ?? 1), second: spread(second, other ?? 1) };
}

export function zero(plan: Plan): Plan {
  if (plan.isShare) return { ...plan, scale: { ...plan.scale, low: 0, high: 1, step: 0.25, reason: null } };
  if (plan.second) return paired(plan, plan.second);
  const marks = reach(plan);
  const [low, high] = extremes([...marks, ...plan.across.map(({ at }) => at)]);
  const { unit, name } = plan.scale;
  const named = name === undefined ? {} : { name };
  if (plan.shape !== "over_time") {
    const scale = { low: Math.min(0, low), high: Math.max(0, high), step: 0, unit, reason: null, ...named };
    return { ...plan, scale: scale.low === scale.high ? { ...scale, high: 1 } : scale };
  }
  const isFilled = plan.bars.length > 0 || plan.lines.some(({ base }) => base !== null);
  const isFar = low > 0 ? low >= high * NEAR : high < 0 && high <= low * NEAR;
  const extent = extentOf(marks, plan, unit, !isFilled && isFar);
  // Rounding may lead to 0 all the same.
  const isAtZero = extent.low <= 0 && extent.high >= 0;
  const end = extent.low > 0 ? extent.low : extent.high;
  const scale = { ...extent, unit, reason: null, ...named };
  return {
    ...plan,
    scale: isAtZero ? scale : { ...scale, reason: `axis from ${axisText(end, scale)}, not from 0` },
  };
}
