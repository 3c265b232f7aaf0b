/** Bars of one band stand beside one another, each series in a lane of its own; on top of one another they share it. */
import type { Rule } from "../plan";

export const lanes: Rule = (plan) =>
  plan.isStacked ? plan : { ...plan, bars: plan.bars.map((bar) => ({ ...bar, lane: bar.series })) };
