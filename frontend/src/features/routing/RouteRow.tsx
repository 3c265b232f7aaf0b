import { Undo2 } from "lucide-react";
import { Link } from "react-router";
import type { Progress } from "@/api/comparing";
import type { Backend, Metric, Route } from "@/api/types";
import { paths } from "@/app/address";
import { classes } from "@/ui/classes";
import { PendingEdit } from "./PendingEdit";
import { RouteCell } from "./RouteCell";
import { RouteMenu } from "./RouteMenu";
import { StandingCell } from "./StandingCell";
import type { RouteActions } from "./useRouteActions";

interface RouteRowProps {
  route: Route;
  metric: Metric | undefined;
  file: string;
  columns: { name: string; driver: string }[];
  backends: Backend[];
  underWay: Progress[];
  actions: RouteActions;
  isSelected: boolean;
  onSelect: ((metricIds: string[], isSelected: boolean) => void) | null;
  rollingBack: string | null;
}

const canServe = (route: Route, backend: string) =>
  route.choices.some((each) => each.backend === backend && each.ok);

/** One metric: where it is served, how that stands, and what an edit of its line waits for. */
export function RouteRow({
  route,
  metric,
  file,
  columns,
  backends,
  underWay,
  actions,
  isSelected,
  onSelect,
  rollingBack,
}: RouteRowProps) {
  const look = classes("align-baseline max-md:relative", isSelected && "bg-accent-soft");
  return (
    <>
      <tr className={classes(look, !route.pending && "border-line border-b last:border-b-0")}>
        <th
          scope="row"
          className={classes(
            "py-1.5 pr-2 pl-3.5 text-left font-normal",
            // On a phone the buttons lie in the card's corner, beside the name.
            route.previous ? "max-md:pr-36" : "max-md:pr-12",
          )}
        >
          <span className="flex items-baseline gap-2.5">
            {onSelect && (
              <input
                type="checkbox"
                aria-label={`Select ${route.label}`}
                checked={isSelected}
                onChange={() => onSelect([route.metric_id], !isSelected)}
                className="size-3.5 shrink-0 translate-y-0.5 accent-(--accent)"
              />
            )}
            <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
              <Link
                to={paths.routing({ metric: route.metric_id })}
                className="font-medium underline-offset-2 hover:underline"
              >
                {route.label}
              </Link>
              <span className="text-mark text-faint">
                {route.line === null ? "not in the file" : `line ${route.line}`} · epoch {route.epoch}
                {route.shadow && ` · shadowed by ${route.shadow.backend}`}
              </span>
            </span>
          </span>
        </th>
        {columns.map((column) => (
          <td
            key={column.name}
            data-label={column.name}
            className={classes(
              "px-2 py-1.5 max-md:px-3.5 max-md:py-1 md:max-w-44",
              // On a phone a card says only what can be done.
              route.backend !== column.name && !canServe(route, column.name) && "max-md:hidden",
            )}
          >
            <RouteCell
              route={route}
              metric={metric}
              backend={column.name}
              state={backends.find((each) => each.name === column.name)?.state}
              progress={underWay.find((each) => each.backend === column.name)}
              onCompare={actions.compare}
            />
          </td>
        ))}
        <td data-label="standing" className="px-2 py-1.5 text-small max-md:px-3.5">
          <StandingCell route={route} />
        </td>
        <td className="py-0.5 pr-2.5 pl-1 max-md:absolute max-md:top-1.5 max-md:right-0">
          <span className="flex items-center justify-end gap-1">
            {route.previous && (
              <button
                type="button"
                onClick={() => actions.rollBack(route)}
                disabled={rollingBack === route.metric_id}
                title={`Back to ${route.previous}, at once`}
                className="inline-flex items-center gap-1 rounded-md border border-line px-2 py-0.5 text-small whitespace-nowrap text-soft transition-colors hover:border-line-strong hover:text-ink disabled:opacity-50"
              >
                <Undo2 className="size-3" aria-hidden />
                Roll back
                <span className="sr-only">
                  {" "}
                  {route.label} to {route.previous}
                </span>
              </button>
            )}
            <RouteMenu route={route} actions={actions} />
          </span>
        </td>
      </tr>
      {route.pending && (
        <tr className={classes(look, "border-line border-b last:border-b-0")}>
          <td colSpan={columns.length + 3} className="px-3.5 pb-2.5 max-md:block max-md:text-left">
            <PendingEdit route={route} file={file} actions={actions} />
          </td>
        </tr>
      )}
    </>
  );
}
