/** What was before has a name of its own: the period that the figure compares with. */
import { comparedWith } from "@/format/windows";
import type { Rule } from "../plan";

export const compare: Rule = (plan, { frame }) => {
  const before = comparedWith(frame.answer.question).replace(/^vs /, "");
  const isOne = plan.series.filter(({ role }) => role === "own").length === 1;
  return {
    ...plan,
    series: plan.series.map((each) =>
      each.role === "before" ? { ...each, name: isOne ? before : `${each.name}, ${before}` } : each,
    ),
  };
};
