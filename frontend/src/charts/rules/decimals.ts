/** The values that are read at one axis have as many decimals each: 73.00 beside 63.37. */
import { columnPlaces } from "@/format/numbers";
import type { Plan, Rule, Scale } from "../plan";

function withPlaces(plan: Plan, scale: Scale, isSecond: boolean): Scale {
  const values = [
    ...(isSecond ? [] : plan.bars.map(({ value }) => value)),
    ...plan.lines.flatMap((line) => (Boolean(plan.second && line.isSecond) === isSecond ? line.values : [])),
  ];
  return { ...scale, places: columnPlaces(values, scale.unit, plan.format) };
}

export const decimals: Rule = (plan) => ({
  ...plan,
  scale: withPlaces(plan, plan.scale, false),
  second: plan.second && withPlaces(plan, plan.second, true),
});
