import { useEffect, useMemo, useRef } from "react";
import type { Route } from "@/api/types";
import { type Command, useOfferCommands } from "@/ui/commands";
import { otherBackends } from "./RouteMenu";
import type { RouteActions } from "./useRouteActions";

/** What can be done with the route that is looked at, from the palette too. */
export function useRouteCommands(route: Route, actions: RouteActions) {
  const newest = useRef(actions);
  useEffect(() => {
    newest.current = actions;
  });
  const commands = useMemo<Command[]>(() => {
    const group = `Route of ${route.label}`;
    const others = otherBackends(route).flatMap((backend) => [
      {
        id: `route-compare-${backend}`,
        group,
        label: `Compare with ${backend}`,
        run: () => newest.current.compare(route, backend),
      },
      {
        id: `route-move-${backend}`,
        group,
        label: `Move to ${backend}`,
        run: () => newest.current.move({ metricIds: [route.metric_id], backend }),
      },
    ]);
    if (route.previous === null) return others;
    const back = {
      id: "route-back",
      group,
      label: `Roll back to ${route.previous}`,
      run: () => newest.current.rollBack(route),
    };
    return [...others, back];
  }, [route]);
  useOfferCommands(commands);
}
