/** A long list of bars by name: its first seven in the order that was asked for, and the others as one; a press opens it. */
import { sumOf } from "@/format/decimal";
import { cellAt } from "../columns";
import { doesAddUp, type Frame } from "../frame";
import { type Bar, barOf, type Context, groupBand, HUES, type Plan, type Rule } from "../plan";
import { beyond } from "../rest";
import { KEPT, leftOut, othersName, restFilters } from "./others";

/** Whoever chose how many, or an order by name, has chosen what stands there. */
function isFoldable(plan: Plan, frame: Frame): boolean {
  const { limit, order } = frame.answer.question;
  const [by] = order;
  const isByValue = by === undefined || frame.values.some(({ column }) => column.name === by.by);
  return (
    plan.shape === "by_name" &&
    plan.series.length === 1 &&
    plan.bands.length > HUES &&
    frame.values.length === 1 &&
    limit === null &&
    isByValue
  );
}

function restValue(held: Bar[], addsUp: boolean, { frame, rest }: Context) {
  if (rest)
    return cellAt(
      rest.rows[0],
      rest.columns.findIndex(({ role }) => role === "value"),
    );
  return addsUp && !frame.isCut ? sumOf(held.map((bar) => bar.value)) : null;
}

export const longList: Rule = (plan, context) => {
  const { frame, isOpen } = context;
  if (!isFoldable(plan, frame)) return plan;
  const count = plan.bands.length - KEPT;
  if (isOpen) return { ...plan, folded: count };
  const [value] = frame.values;
  const [only, ...more] = frame.dimensions;
  const addsUp = doesAddUp(frame, value?.metricId);
  const held = plan.bars.filter(({ band }) => band >= KEPT);
  const short: Plan = {
    ...plan,
    folded: count,
    bands: plan.bands.slice(0, KEPT),
    bars: plan.bars.filter(({ band }) => band < KEPT),
    rest:
      only && more.length === 0 && (frame.isCut || !addsUp)
        ? {
            dimension: only.column.name,
            kept: plan.bands.slice(0, KEPT).map(({ pick }) => pick?.value ?? null),
            by: [],
            isOverTime: false,
          }
        : null,
  };
  const cell = restValue(held, addsUp, context);
  if (cell === null) return { ...short, note: leftOut(String(plan.bands.length), frame.isCut, addsUp) };
  const label = othersName(count, frame.isCut);
  // The engine's number is of everything that is not kept, whatever of it the answer happened to hold.
  const filters =
    context.rest && short.rest?.dimension ? beyond(short.rest.dimension, short.rest.kept) : restFilters(held);
  const bar: Bar = { ...barOf(0, KEPT, cell, filters), isRest: true };
  return { ...short, bands: [...short.bands, groupBand("others", label)], bars: [...short.bars, bar] };
};
