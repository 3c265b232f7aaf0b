import { lazy, Suspense, useMemo } from "react";
import type { Answer, Metric } from "@/api/types";
import { Skeleton } from "@/ui/Skeleton";
import { cutNames } from "../cut";
import { CutName } from "../draw/CutName";
import type { Drill } from "../draw/drill";
import type { FurtherWidget } from "../kinds";
import { useHues } from "../useHues";
import { Cells } from "./Cells";
import type { Places } from "./drawn";
import { furtherOf } from "./index";
import { PivotTable } from "./PivotTable";

const OverTime = lazy(() => import("../draw/OverTime").then((m) => ({ default: m.OverTime })));
const PointsChart = lazy(() => import("../draw/OverTime").then((m) => ({ default: m.PointsChart })));
const PlaceMap = lazy(() => import("../map/PlaceMap").then((m) => ({ default: m.PlaceMap })));
const SpotMap = lazy(() => import("../map/PlaceMap").then((m) => ({ default: m.SpotMap })));
const MapLegend = lazy(() => import("../map/PlaceMap").then((m) => ({ default: m.MapLegend })));

interface FurtherProps {
  widget: FurtherWidget;
  answer: Answer;
  metrics: Metric[];
  label: string;
  drill: Drill;
}

/** An answer drawn by one of the kinds that come later. */
export function Further({ widget, answer, metrics, label, drill }: FurtherProps) {
  const told = useHues();
  // biome-ignore lint/correctness/useExhaustiveDependencies: once a colour was told, what has it is drawn anew.
  const drawn = useMemo(
    () => furtherOf(widget, answer, metrics, label),
    [widget, answer, metrics, label, told],
  );
  const waiting = <Skeleton className="h-full min-h-[11.538rem] w-full" />;
  switch (drawn.as) {
    case "chart":
      return (
        <Suspense fallback={waiting}>
          <OverTime plan={drawn.plan} />
        </Suspense>
      );
    case "points":
      return (
        <Suspense fallback={waiting}>
          <PointsChart points={drawn.points} />
        </Suspense>
      );
    case "several": {
      const cutOf = cutNames(drawn.plans.map((plan) => plan.label));
      return (
        <Suspense fallback={waiting}>
          <div className="@container flex min-h-full flex-col">
            <ul
              aria-label={label}
              className="grid grow auto-rows-[minmax(4.7rem,1fr)] @[44rem]:auto-rows-[minmax(9rem,1fr)] grid-cols-[repeat(auto-fit,minmax(min(10rem,100%),1fr))] gap-x-4 gap-y-1 pt-1"
            >
              {drawn.plans.map((plan, at) => (
                <li key={plan.series[0]?.key ?? at} className="flex min-w-0 flex-col">
                  <p aria-hidden className="text-mark text-soft">
                    <CutName cut={cutOf(plan.label)} />
                  </p>
                  <OverTime plan={plan} isSmall />
                </li>
              ))}
            </ul>
            <p className="mt-1 text-mark text-faint">{drawn.note}</p>
          </div>
        </Suspense>
      );
    }
    case "heat":
      return <Cells heat={drawn.heat} drill={drill} />;
    case "pivot":
      return <PivotTable pivot={drawn.pivot} drill={drill} />;
    case "map":
      return (
        <Suspense fallback={waiting}>
          <PlacesMap places={drawn.places} drill={drill} />
        </Suspense>
      );
    case "refused":
      return (
        <p className="grid h-full place-items-center px-4 text-center text-label text-soft">{drawn.why}</p>
      );
  }
}

/** Places in classes that hold about as many each, where a press filters the page by one; or points as large as their values. */
function PlacesMap({ places, drill }: { places: Places; drill: Drill }) {
  const { on, rows, absent, spots, unit, label, note, dimension, raw } = places;
  const choose = (state: string | null) => {
    const value = state === null ? undefined : raw.get(state);
    if (value !== undefined) drill.pick?.(dimension, value);
  };
  return (
    <div className="grid gap-2 pb-1">
      {spots.length > 0 ? (
        <>
          <SpotMap on={on} label={label} spots={spots} />
          <SpotTable places={places} />
        </>
      ) : (
        <>
          <PlaceMap
            on={on}
            rows={rows}
            unit={unit}
            label={label}
            absent={absent}
            chosen={null}
            onChoose={choose}
          />
          <MapLegend on={on} rows={rows} unit={unit} absent={absent} />
        </>
      )}
      {note && <p className="text-mark text-faint">{note}</p>}
    </div>
  );
}

/** The points for whoever does not see them. */
function SpotTable({ places: { label, spots, dimension } }: { places: Places }) {
  return (
    <div className="sr-only">
      <table>
        <caption>{label}</caption>
        <thead>
          <tr>
            <th scope="col">{dimension}</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {spots.slice(0, 200).map(({ name, text, longitude, latitude }) => (
            <tr key={`${name} ${longitude} ${latitude}`}>
              <th scope="row">{name}</th>
              <td>{text}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
