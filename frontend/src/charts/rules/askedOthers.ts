/** The row of all others that the question asked for: the engine's own number, behind the groups that come first and in grey. */
import { joined } from "@/format/values";
import { type Bar, barOf, groupBand, notes, type Plan, type Rule, type Series } from "../plan";
import { askedFilters } from "../rest";
import { askedCell, isPressedFlat, othersLine, othersName, reachWords } from "./others";

/** By name they are a band of their own, over time and of a whole a series. */
export const askedOthers: Rule = (plan, { frame, isOpen }) => {
  const { others, values } = frame;
  const isByName = plan.shape === "by_name";
  // What is folded holds them already; where nobody has its sum, they would be called all others and be less.
  if (!others || (!isByName && plan.folded > 0 && !isOpen)) return plan;
  const name = othersName(others.count, false);
  const isOwn = isByName && plan.series.length === 1;
  const shown = plan.lines.length > 0 ? values : values.slice(0, 1);
  const made: Series[] = shown.map((value, at) => ({
    key: isByName ? "all others" : at === 0 ? "others" : `others ${value.metricId}`,
    name: joined(shown.length > 1 ? [name, frame.labelOf(value)] : [name]),
    hue: "others",
    role: "own",
    dimension: null,
  }));
  const bands = isByName ? [...plan.bands, groupBand("others", name)] : plan.bands;
  const filters = askedFilters(frame);
  const series = isOwn ? 0 : plan.series.length;
  const isRest = isByName && !plan.isStacked;
  const [first] = shown;
  const bars =
    plan.lines.length > 0 || !first
      ? []
      : bands.flatMap(({ key }, band): Bar[] =>
          isByName && band < plan.bands.length
            ? []
            : [{ ...barOf(series, band, askedCell(frame, first, key), filters), isRest }],
        );
  const lines =
    plan.lines.length === 0
      ? []
      : shown.map((value, at) =>
          othersLine(
            series + at,
            bands.map(({ key }) => askedCell(frame, value, key)),
            plan.lines,
          ),
        );
  const all: Plan = {
    ...plan,
    bands,
    series: isOwn ? plan.series : [...plan.series, ...made],
    bars: [...plan.bars, ...bars],
    lines: [...plan.lines, ...lines],
    whole: plan.whole === null ? null : bars.reduce((sum, { to }) => sum + to, plan.whole),
  };
  return isPressedFlat(plan, all) ? { ...plan, note: notes(reachWords(all), plan.note) } : all;
};
