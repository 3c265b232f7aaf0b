import type { CSSProperties } from "react";
import { classes } from "@/ui/classes";
import { cutNames } from "../cut";
import { type Bar, type Plan, shareOfWhole } from "../plan";
import { lies } from "./Bars";
import { CutName } from "./CutName";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";
import { type Opening, OthersButton } from "./OthersButton";
import { hueVariable } from "./palette";
import { ValueText } from "./ValueText";

interface PartsProps {
  plan: Plan;
  drill?: Drill;
  open?: Opening | undefined;
}

/** More than these stand in two columns, where there is room. */
const MANY = 6;
/** Lines stand apart where their tile is tall, and no farther than this. */
const roomOf = (lines: number) => `${lines * 2.6}rem`;

/** Parts of a whole: one stacked bar and its legend with shares. */
export function Parts({ plan, drill = NO_DRILL, open }: PartsProps) {
  const { pick, rows } = drill;
  const parts = plan.bars.flatMap((bar) => {
    const series = plan.series[bar.series];
    return series ? [{ bar, series }] : [];
  });
  const cutOf = cutNames(plan.series.map(({ name }) => name));
  const drawn = parts.filter(({ bar }) => bar.from !== bar.to);
  const onlyFilter = (bar: Bar) => (bar.filters.length === 1 ? bar.filters[0] : undefined);
  return (
    <div className="@container flex h-full flex-col py-2">
      <div
        aria-hidden
        className="relative max-h-[3rem] min-h-[1.385rem] shrink-0 grow overflow-hidden rounded-[5px] bg-sunken"
      >
        {drawn.map(({ bar, series }) => (
          <span
            key={series.key}
            className="mark absolute inset-y-0 border-surface border-r-2"
            style={{ ...lies(bar, plan.scale), background: hueVariable(series.hue) }}
          />
        ))}
      </div>
      <ul
        aria-label={plan.label}
        className={classes(
          "mt-2.5 grid max-h-(--alone) shrink-0 grow-[2] auto-rows-[minmax(1.6rem,1fr)] gap-x-5",
          parts.length > MANY && "@[46rem]:max-h-(--paired) @[46rem]:grid-cols-2",
        )}
        style={
          {
            "--alone": roomOf(parts.length),
            "--paired": roomOf(Math.ceil(parts.length / 2)),
          } as CSSProperties
        }
      >
        {parts.map(({ bar, series }) => {
          const filter = onlyFilter(bar);
          // What is none of some is no value to filter by, however few they are.
          const isOne =
            filter && (filter.op === "is_null" || (filter.op !== "not_in" && filter.values?.length === 1));
          const value = filter?.values?.[0] ?? null;
          return (
            <li
              key={series.key}
              className="flex min-w-0 items-center gap-x-2 text-soft @max-[16rem]:flex-wrap"
            >
              <i
                aria-hidden
                className="swatch size-[0.692rem] shrink-0 rounded-sm"
                style={{ background: hueVariable(series.hue) }}
              />
              <Drillable
                label={`Filter by ${series.name}`}
                onDrill={pick && isOne ? () => pick(filter.dimension, value) : undefined}
                className="min-w-0 max-w-[calc(100%-1.2rem)] text-left"
              >
                <CutName cut={cutOf(series.name)} />
              </Drillable>
              <Drillable
                label={`Rows behind ${series.name}`}
                onDrill={rows && bar.filters.length > 0 ? () => rows(bar.filters) : undefined}
                className="ml-auto font-medium whitespace-nowrap text-ink"
              >
                {shareOfWhole(bar, plan)}
                <span className="ml-1.5 font-normal text-faint">
                  <ValueText value={bar.value} plan={plan} tone={bar.tone} />
                </span>
              </Drillable>
            </li>
          );
        })}
      </ul>
      {plan.note && <p className="mt-1 text-mark text-faint">{plan.note}</p>}
      <OthersButton plan={plan} open={open} />
    </div>
  );
}
