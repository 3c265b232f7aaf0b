import { useRoutes } from "@/api/routes";
import { useMay } from "@/api/session";
import type { Routes } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { Button } from "@/ui/Button";
import { LoadingLines } from "@/ui/Skeleton";
import { ParameterNote } from "@/widgets/AddressNote";
import { Failure } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { BackendStrip } from "./BackendStrip";
import { filtered, STANDINGS } from "./filter";
import { MoveDialog } from "./MoveDialog";
import { onlySeen } from "./offered";
import { RouteFilters } from "./RouteFilters";
import { backendColumns, RouteMatrix } from "./RouteMatrix";
import { SelectionBar } from "./SelectionBar";
import { useFilter } from "./useFilter";
import { useRouteActions } from "./useRouteActions";

interface Selection {
  selected: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
}

/** Every route. */
export function RoutesPage(selection: Selection) {
  const routes = useRoutes();
  return (
    <>
      <PageTop
        title="Routing"
        description={
          routes.data ? (
            <span>
              <code className="font-mono text-mark [overflow-wrap:anywhere]">{routes.data.file}</code> · epoch{" "}
              {routes.data.epoch}
            </span>
          ) : undefined
        }
      />
      {routes.data ? (
        <Content routes={routes.data} {...selection} />
      ) : routes.error ? (
        <Failure of={routes} />
      ) : (
        <LoadingLines label="Loading the routes" lines={10} />
      )}
    </>
  );
}

function Content({ routes, selected, onSelect }: Selection & { routes: Routes }) {
  const backends = useWorkspace().data?.backends ?? [];
  const [filter, changeFilter] = useFilter();
  const { actions, moving, stopMoving, isRollingBack } = useRouteActions();
  const mayMove = useMay("change_routes");
  const filteredRoutes = filtered(routes.routes, filter);
  const shown = mayMove ? filteredRoutes : filteredRoutes.map(onlySeen);
  const chosen = routes.routes.filter((route) => selected.has(route.metric_id));
  const select = (metricIds: string[], isSelected: boolean) => {
    const next = new Set(selected);
    for (const metricId of metricIds) isSelected ? next.add(metricId) : next.delete(metricId);
    onSelect(next);
  };
  if (routes.routes.length === 0) {
    return (
      <p className="py-12 text-center text-soft">
        There is no metric to route yet. Add one to <code className="font-mono text-mark">metrics/</code> and
        its line to <code className="font-mono text-mark">{routes.file}</code>.
      </p>
    );
  }
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3.5">
      <ParameterNote
        parameter="standing"
        what="routes that stand as"
        instead="Routes are shown however they stand."
        names={STANDINGS}
      />
      {backends.length > 0 && (
        <ParameterNote
          parameter="on"
          what="routes served by"
          instead="No route is served by it."
          names={backends.map(({ name }) => ({ value: name, label: name }))}
        />
      )}
      <BackendStrip backends={backends} />
      <RouteFilters routes={routes.routes} backends={backends} filter={filter} onChange={changeFilter} />
      {shown.length === 0 ? (
        <div className="grid justify-items-center gap-3 py-12 text-soft">
          <p>No route is like that.</p>
          <Button onClick={() => changeFilter({ search: "", backend: null, standing: null })}>
            Show all {routes.routes.length}
          </Button>
        </div>
      ) : (
        <RouteMatrix
          routes={shown}
          file={routes.file}
          columns={backendColumns(routes.routes, backends)}
          backends={backends}
          actions={actions}
          selected={selected}
          onSelect={mayMove ? select : null}
          rollingBack={isRollingBack}
        />
      )}
      {mayMove && (
        <SelectionBar
          routes={chosen}
          onMove={(backend) => actions.move({ metricIds: chosen.map((each) => each.metric_id), backend })}
          onClear={() => onSelect(new Set())}
        />
      )}
      {moving && (
        <MoveDialog moving={moving} routes={routes.routes} file={routes.file} onClose={stopMoving} />
      )}
    </div>
  );
}
