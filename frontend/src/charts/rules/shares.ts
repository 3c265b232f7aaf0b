/** Stacked to 100 %: each part as its share of what its band holds. There is a whole only where values add up and none is below 0. */
import { doesAddUp } from "../frame";
import { type Line, notes, type Plan, type Rule, sizeOf } from "../plan";

/** What each band holds altogether. */
function wholes(plan: Plan): number[] {
  const held = plan.bands.map(() => 0);
  const add = (band: number, size: number) => {
    held[band] = (held[band] ?? 0) + size;
  };
  for (const bar of plan.bars) add(bar.band, sizeOf(bar));
  for (const { to } of plan.lines) for (const [band, size] of to.entries()) add(band, size ?? 0);
  return held;
}

export const shares: Rule = (plan, { frame }) => {
  if (!plan.isShare) return plan;
  const [value] = frame.values;
  const addsUp = frame.values.length === 1 && doesAddUp(frame, value?.metricId);
  const isBelow =
    plan.bars.some((bar) => sizeOf(bar) < 0) ||
    plan.lines.some(({ to }) => to.some((size) => (size ?? 0) < 0));
  if (!addsUp || isBelow) {
    const why = addsUp ? "no shares: values below 0" : "no shares: the values do not add up";
    return { ...plan, isShare: false, isStacked: addsUp, note: notes(plan.note, why) };
  }
  const whole = wholes(plan);
  const share = (size: number, band: number) => (whole[band] ? size / (whole[band] ?? 1) : 0);
  return {
    ...plan,
    note: frame.isCut ? notes(plan.note, "shares of those shown") : plan.note,
    across: [],
    bars: plan.bars.map((bar) => ({ ...bar, from: 0, to: share(sizeOf(bar), bar.band) })),
    // Where nothing is, nothing is a share of it.
    lines: plan.lines.map(
      (line): Line => ({
        ...line,
        to: line.to.map((size, band) => (size === null || !whole[band] ? null : share(size, band))),
      }),
    ),
  };
};
