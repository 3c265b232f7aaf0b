/** Bars and areas begin at 0. A line need not, and then the axis says so. */
import type { Plan, Scale } from "../plan";
import { axisExtent, extremes, isCounted, notFromZero } from "../scale";

/** Where marks begin and end. */
const reach = (plan: Plan): number[] => [
  ...plan.bars.flatMap(({ from, to, isRest, goal }) =>
    isRest ? [] : [from, to, ...(goal ? [goal.at, goal.ahead ?? to] : [])],
  ),
  ...plan.lines.flatMap(({ to, base, isSecond }) =>
    isSecond && plan.second ? [] : [...to, ...(base ?? [])].filter((each) => each !== null),
  ),
];

/** The lowest and the highest of the marks, with room for the lines across the chart. */
const ends = (marks: number[], { across }: Plan) => extremes([...marks, ...across.map(({ at }) => at)]);

/** Two axes: as many steps below 0 as above it on both, so that one grid is right for both and 0 is one height. */
function paired(plan: Plan, second: Scale): Plan {
  const ofSecond = plan.lines.flatMap(({ to, isSecond }) =>
    isSecond ? to.filter((each) => each !== null) : [],
  );
  const ofFirst = reach(plan);
  const held = [
    axisExtent(ends(ofFirst, plan), { isWhole: isCounted(ofFirst, plan.scale.unit), mayLeave: false }),
    axisExtent(extremes(ofSecond), { isWhole: isCounted(ofSecond, second.unit), mayLeave: false }),
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
  const [low, high] = ends(marks, plan);
  const { unit, name } = plan.scale;
  const named = name === undefined ? {} : { name };
  if (plan.shape !== "over_time") {
    const scale = { low: Math.min(0, low), high: Math.max(0, high), step: 0, unit, reason: null, ...named };
    return { ...plan, scale: scale.low === scale.high ? { ...scale, high: 1 } : scale };
  }
  const isFilled = plan.bars.length > 0 || plan.lines.some(({ base }) => base !== null);
  const extent = axisExtent([low, high], { isWhole: isCounted(marks, unit), mayLeave: !isFilled });
  const scale = { ...extent, unit, reason: null, ...named };
  return { ...plan, scale: { ...scale, reason: notFromZero(scale, "axis") } };
}
