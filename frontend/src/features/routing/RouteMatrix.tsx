import { useComparisonsUnderWay } from "@/api/comparing";
import { useMetrics } from "@/api/metrics";
import type { Backend, Route } from "@/api/types";
import { BackendMark } from "@/widgets/BackendMark";
import { RouteRow } from "./RouteRow";
import type { RouteActions } from "./useRouteActions";
import { STATE_WORDS } from "./words";

interface RouteMatrixProps {
  /** Those that the filter leaves. */
  routes: Route[];
  file: string;
  columns: { name: string; driver: string }[];
  backends: Backend[];
  actions: RouteActions;
  selected: ReadonlySet<string>;
  /** Null where nothing can be done with several. */
  onSelect: ((metricIds: string[], isSelected: boolean) => void) | null;
  rollingBack: string | null;
}

/** The backends as columns: those of the workspace, and any that a route names besides. */
export function backendColumns(routes: Route[], backends: Backend[]): { name: string; driver: string }[] {
  const columns = new Map(backends.map((backend) => [backend.name, backend.driver]));
  for (const route of routes) {
    for (const choice of route.choices) columns.set(choice.backend, choice.driver);
  }
  return [...columns].map(([name, driver]) => ({ name, driver }));
}

/** Metrics by backends. On a phone each metric is a card of its own. */
export function RouteMatrix(props: RouteMatrixProps) {
  const { routes, columns, backends, selected, onSelect } = props;
  const underWay = useComparisonsUnderWay();
  const metrics = new Map(useMetrics().data?.map((metric) => [metric.metric_id, metric]));
  const shown = routes.map((route) => route.metric_id);
  const isEvery = shown.length > 0 && shown.every((metricId) => selected.has(metricId));
  const isSome = shown.some((metricId) => selected.has(metricId));
  return (
    <div className="rounded-[11px] border border-line bg-surface">
      <table className="route-matrix w-full border-collapse">
        <caption className="sr-only">Where each metric is computed, and how that stands</caption>
        <thead>
          <tr className="border-line border-b text-left text-small text-soft">
            <th scope="col" className="py-2 pr-2 pl-3.5 font-normal">
              <span className="inline-flex items-center gap-2.5">
                {onSelect && (
                  <input
                    type="checkbox"
                    aria-label="Select every metric shown"
                    checked={isEvery}
                    ref={(box) => {
                      if (box) box.indeterminate = isSome && !isEvery;
                    }}
                    onChange={() => onSelect(shown, !isEvery)}
                    className="size-3.5 accent-(--accent)"
                  />
                )}
                Metric
              </span>
            </th>
            {columns.map((column) => {
              const state = backends.find((each) => each.name === column.name)?.state ?? "ready";
              return (
                <th key={column.name} scope="col" className="px-2 py-2 font-normal">
                  <BackendMark backend={column.name} driver={column.driver} />
                  {state !== "ready" && (
                    <span className="block text-mark text-faint">{STATE_WORDS[state]}</span>
                  )}
                </th>
              );
            })}
            <th scope="col" className="px-2 py-2 font-normal">
              Standing
            </th>
            <th scope="col" className="py-2 pr-2.5 pl-1 font-normal">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {routes.map((route) => (
            <RouteRow
              key={route.metric_id}
              {...props}
              route={route}
              metric={metrics.get(route.metric_id)}
              underWay={underWay.filter((each) => each.metricId === route.metric_id)}
              isSelected={selected.has(route.metric_id)}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}
