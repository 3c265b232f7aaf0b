import type { Backend, Route, Routes } from "@/api/types";
import { shortId } from "@/ui/ids";
import { BackendMark } from "@/widgets/BackendMark";
import { ParitySeal, parityWords } from "@/widgets/ParitySeal";
import { PendingEdit } from "./PendingEdit";
import { RouteCell } from "./RouteCell";

interface RouteMatrixProps {
  routes: Routes;
  backends: Backend[];
  onMove: (route: Route, backend: string) => void;
}

/** The backends as columns: those of the workspace, and any that a route names besides. */
function columnsOf(routes: Routes, backends: Backend[]): { name: string; driver: string }[] {
  const columns = new Map(backends.map((backend) => [backend.name, backend.driver]));
  for (const route of routes.routes) {
    for (const choice of route.choices) columns.set(choice.backend, choice.driver);
  }
  return [...columns].map(([name, driver]) => ({ name, driver }));
}

/** Metrics by backends. On a phone each metric is a card of its own. */
export function RouteMatrix({ routes, backends, onMove }: RouteMatrixProps) {
  const columns = columnsOf(routes, backends);
  if (routes.routes.length === 0)
    return <p className="py-12 text-center text-soft">The routing file routes no metric yet.</p>;
  return (
    <div className="overflow-hidden rounded-[11px] border border-line bg-surface">
      <table className="route-matrix w-full border-collapse">
        <caption className="sr-only">Where each metric is computed</caption>
        <thead>
          <tr className="border-line border-b text-left text-[12px] text-soft">
            <th scope="col" className="px-3.5 py-2 font-normal">
              Metric
            </th>
            {columns.map((column) => (
              <th key={column.name} scope="col" className="px-2 py-2 font-normal">
                <BackendMark backend={column.name} driver={column.driver} />
              </th>
            ))}
            <th scope="col" className="px-3.5 py-2 font-normal">
              Parity
            </th>
          </tr>
        </thead>
        <tbody>
          {routes.routes.map((route) => (
            <tr key={route.metric_id} className="border-line border-b align-top last:border-b-0">
              <th scope="row" className="px-3.5 py-2 text-left font-normal">
                <RouteName route={route} file={routes.file} />
              </th>
              {columns.map((column) => (
                <td
                  key={column.name}
                  data-label={column.name}
                  className="px-2 py-2 max-md:px-3.5 max-md:py-1"
                >
                  <RouteCell
                    route={route}
                    backend={column.name}
                    state={backends.find((each) => each.name === column.name)?.state}
                    onMove={onMove}
                  />
                </td>
              ))}
              <td data-label="parity" className="px-3.5 py-2 text-[12px] text-soft">
                <span className="flex items-center gap-1.5">
                  <ParitySeal parity={route.parity} />
                  <span>
                    {parityWords(route.parity)}
                    {route.parity.certificate_id && (
                      <span className="text-faint"> · {shortId(route.parity.certificate_id)}</span>
                    )}
                  </span>
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RouteName({ route, file }: { route: Route; file: string }) {
  return (
    <div className="grid gap-0.5">
      <span className="font-medium">{route.label}</span>
      <span className="text-[11.5px] text-faint">
        {route.line === null ? "not in the file" : `line ${route.line}`} · epoch {route.epoch}
      </span>
      {route.pending && <PendingEdit pending={route.pending} file={file} />}
    </div>
  );
}
