import { classes } from "@/ui/classes";
import { TONE_FILL } from "@/ui/tones";
import { cutNames } from "../cut";
import { type Band, type Bar, type Plan, shareText, sizeOf } from "../plan";
import { CutName } from "./CutName";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { Legend } from "./Legend";
import { type Opening, OthersButton } from "./OthersButton";
import { hueVariable } from "./palette";
import { ValueText } from "./ValueText";

interface BarsProps {
  plan: Plan;
  drill?: Drill;
  open?: Opening | undefined;
}

/** Where a bar lies along its track: from its zero line, the other way for what is below zero. */
export function lies({ from, to: end }: Pick<Bar, "from" | "to">, { low, high }: Plan["scale"]) {
  const share = (size: number) => (size / (high - low)) * 100;
  const to = Math.min(high, Math.max(low, end));
  return { left: `${share(Math.min(from, to) - low)}%`, width: `${share(Math.abs(to - from))}%` };
}

/** Lying bars by name. A list, so that it reads as one. */
export function Bars({ plan, drill = NO_DRILL, open }: BarsProps) {
  const list =
    plan.series.length > 1 ? (
      <SeriesBars plan={plan} drill={drill} />
    ) : (
      <PlainBars plan={plan} drill={drill} open={open} />
    );
  const isInList = plan.series.length === 1 && open?.isOpen === false;
  if (plan.folded === 0 && !plan.note) return list;
  return (
    <div className="flex min-h-full flex-col gap-1 pb-1">
      <div className="grow">{list}</div>
      {plan.note && <p className="text-mark text-faint">{plan.note}</p>}
      {!isInList && <OthersButton plan={plan} open={open} />}
    </div>
  );
}

/** Longer than its axis: the end of it is broken, and its number stands beside it. */
const isBroken = ({ isRest, to }: Bar, { low, high }: Plan["scale"]) => isRest && (to > high || to < low);

type ListProps = Required<Omit<BarsProps, "open">>;

const pickOf = ({ pick }: Band, drill: Drill) =>
  pick && drill.pick ? () => drill.pick?.(pick.dimension, pick.value) : undefined;

/** The line that bars of both ways begin at. */
function Zero({ scale }: { scale: Plan["scale"] }) {
  if (scale.low >= 0) return null;
  const { left } = lies({ from: 0, to: 0 }, scale);
  return <span className="zero-line absolute inset-y-[-2px] w-px bg-line-strong" style={{ left }} />;
}

/** What a bar is meant to reach, as a mark across it; dots lead from what was reached to where it goes. */
function Goal({ bar, scale }: { bar: Bar; scale: Plan["scale"] }) {
  const { goal, to } = bar;
  if (!goal) return null;
  return (
    <>
      {goal.ahead !== null && goal.ahead !== to && (
        <span
          className="pace-dots absolute top-1/2 -mt-px border-accent border-t-2 border-dotted"
          style={lies({ from: to, to: goal.ahead }, scale)}
        />
      )}
      <span
        className="goal absolute -inset-y-1 -ml-px w-[2px] bg-ink"
        style={{ left: lies({ from: goal.at, to: goal.at }, scale).left }}
      />
    </>
  );
}

function PlainBars({ plan, drill, open }: ListProps & Pick<BarsProps, "open">) {
  const { rows } = drill;
  const cutOf = cutNames(plan.bands.map(({ label }) => label));
  const opens = open && plan.folded > 0 ? () => open.setOpen(true) : undefined;
  // What is said of a target has lines of its own, and no row may be lower than its words.
  const isOfGoals = plan.bars.some(({ goal }) => goal);
  return (
    <div className="@container h-full">
      <ul
        aria-label={plan.label}
        className={classes(
          isOfGoals ? "auto-rows-min gap-y-2.5" : "h-full auto-rows-[minmax(2.1rem,1fr)]",
          "grid grid-cols-[fit-content(40%)_minmax(0,1fr)_auto] content-start gap-x-3 py-1 @max-[16rem]:grid-cols-[fit-content(65%)_minmax(0,1fr)_auto] @max-[16rem]:gap-x-1.5",
        )}
        style={isOfGoals ? undefined : { maxHeight: `${plan.bars.length * 3.6}rem` }}
      >
        {plan.bars.map((bar) => {
          const band = plan.bands[bar.band];
          if (!band) return null;
          const onPick = bar.isRest ? opens : pickOf(band, drill);
          const content = (
            <>
              <CutName cut={cutOf(band.label)} />
              <span aria-hidden className="relative h-4 rounded bg-sunken">
                <span
                  className={classes(
                    "mark absolute inset-y-0 rounded opacity-85",
                    bar.isRest ? "bg-(--others)" : bar.tone ? TONE_FILL[bar.tone] : "bg-accent",
                    isBroken(bar, plan.scale) && "broken-bar",
                  )}
                  style={lies(bar, plan.scale)}
                />
                <Goal bar={bar} scale={plan.scale} />
                <Zero scale={plan.scale} />
              </span>
            </>
          );
          return (
            <li key={band.key} className="col-span-3 grid grid-cols-subgrid items-center text-soft">
              {onPick ? (
                <button
                  type="button"
                  title={bar.isRest ? `Show each of the ${band.label}` : `Filter by ${band.label}`}
                  aria-expanded={bar.isRest ? false : undefined}
                  onClick={onPick}
                  className="col-span-2 grid grid-cols-subgrid items-center rounded text-left text-soft hover:[&>bdi]:text-ink"
                >
                  {content}
                </button>
              ) : (
                content
              )}
              <Drillable
                label={`Rows behind ${band.label}`}
                onDrill={
                  rows && (!bar.isRest || bar.filters.length > 0)
                    ? () => rows(bar.filters, ...(bar.metricId ? ([undefined, bar.metricId] as const) : []))
                    : undefined
                }
                className="text-right font-medium text-ink"
              >
                <ValueText value={bar.value} plan={plan} tone={bar.tone} />
              </Drillable>
              {bar.aside && (
                <span
                  className={classes(
                    "col-end-4 text-right text-mark text-faint",
                    bar.goal ? "col-start-1 mt-1" : "col-start-2 -mt-0.5",
                  )}
                >
                  {bar.aside}
                </span>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** Bars of two dimensions: one is the axis, the other is told apart by colour, side by side or on top of each other. */
function SeriesBars({ plan, drill }: ListProps) {
  const { rows } = drill;
  const cutOf = cutNames(plan.bands.map(({ label }) => label));
  const hueOf = (bar: Bar) => hueVariable(plan.series[bar.series]?.hue ?? "accent");
  const nameOf = (bar: Bar) => plan.series[bar.series]?.name ?? "";
  const shareOf = (bar: Bar) => (plan.isShare ? shareText(sizeOf(bar)) : "");
  return (
    <div className="flex h-full flex-col gap-2 py-1">
      <Legend series={plan.series} />
      <ul
        aria-label={plan.label}
        className="grid shrink-0 grow auto-rows-[minmax(min-content,1fr)] gap-2"
        style={{ maxHeight: `${plan.bands.length * (plan.isStacked ? 3.6 : 5)}rem` }}
      >
        {plan.bands.map((band, index) => {
          const held = plan.bars.filter((bar) => bar.band === index);
          return (
            <li key={band.key} className="grid grid-cols-[minmax(0,3fr)_minmax(0,9fr)] items-center gap-x-3">
              <Drillable
                label={`Filter by ${band.label}`}
                onDrill={pickOf(band, drill)}
                className="min-w-0 text-left text-soft"
              >
                <CutName cut={cutOf(band.label)} />
              </Drillable>
              {plan.isStacked ? (
                <div className="relative h-4 rounded bg-sunken">
                  {held.map((bar) => (
                    <span
                      key={bar.series}
                      className="mark absolute inset-y-0 border-surface border-r"
                      style={{ ...lies(bar, plan.scale), background: hueOf(bar) }}
                      title={[nameOf(bar), shareOf(bar)].filter(Boolean).join(" ")}
                    >
                      <span className="sr-only">
                        {nameOf(bar)}: {shareOf(bar)}{" "}
                        <ValueText value={bar.value} plan={plan} tone={bar.tone} />
                      </span>
                    </span>
                  ))}
                  <Zero scale={plan.scale} />
                </div>
              ) : (
                <ul className="grid gap-0.5">
                  {held.map((bar) => (
                    <li key={bar.series} className="flex items-center gap-2">
                      <span aria-hidden className="relative h-2.5 min-w-0 flex-1 rounded-sm bg-sunken">
                        <span
                          className={classes(
                            "mark absolute inset-y-0 rounded-sm",
                            isBroken(bar, plan.scale) && "broken-bar",
                          )}
                          style={{ ...lies(bar, plan.scale), background: hueOf(bar) }}
                        />
                        <Zero scale={plan.scale} />
                      </span>
                      <span className="sr-only">{nameOf(bar)}: </span>
                      <Drillable
                        label={`Rows behind ${band.label}, ${nameOf(bar)}`}
                        onDrill={rows && bar.filters.length > 0 ? () => rows(bar.filters) : undefined}
                        className="min-w-12 text-right text-mark font-medium"
                      >
                        <ValueText value={bar.value} plan={plan} tone={bar.tone} />
                      </Drillable>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
