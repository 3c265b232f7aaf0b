/** A series alone has the accent; several have the colours that their values have everywhere; what was before is grey. */
import type { Rule } from "../plan";

export const colour: Rule = (plan, { hueOf }) => {
  const own = plan.series.filter(({ role, hue }) => role === "own" && hue !== "others");
  const [first] = own;
  const hues =
    own.length > 1 && first
      ? hueOf(
          first.dimension ?? "metric",
          own.map(({ key }) => key),
        )
      : null;
  return {
    ...plan,
    series: plan.series.map((each) => {
      if (each.role === "before" || each.role === "target") return { ...each, hue: "compare" };
      return each.hue === "others" ? each : { ...each, hue: hues?.get(each.key) ?? "accent" };
    }),
  };
};
