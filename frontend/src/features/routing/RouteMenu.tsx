import { ArrowRight, Ellipsis, Maximize2, Scale, Undo2 } from "lucide-react";
import type { Route } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Menu, MenuItem, MenuSeparator } from "@/ui/Menu";
import type { RouteActions } from "./useRouteActions";
import { useRoutingPlace } from "./useRoutingPlace";

/** The backends that a route may move to. */
export const otherBackends = (route: Route): string[] =>
  route.choices.filter((each) => each.ok && each.backend !== route.backend).map((each) => each.backend);

/** Everything that can be done with one route. */
export function RouteMenu({ route, actions }: { route: Route; actions: RouteActions }) {
  const { go } = useRoutingPlace();
  const others = otherBackends(route);
  return (
    <Menu
      trigger={
        <IconButton label={`Actions for ${route.label}`}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={<Maximize2 aria-hidden />} onPick={() => go({ metric: route.metric_id })}>
        Certificate and history
      </MenuItem>
      {others.length > 0 && <MenuSeparator />}
      {others.map((backend) => (
        <MenuItem
          key={`compare ${backend}`}
          icon={<Scale aria-hidden />}
          onPick={() => actions.compare(route, backend)}
        >
          Compare with {backend}
        </MenuItem>
      ))}
      {others.map((backend) => (
        <MenuItem
          key={`move ${backend}`}
          icon={<ArrowRight aria-hidden />}
          onPick={() => actions.move({ metricIds: [route.metric_id], backend })}
        >
          Move to {backend}…
        </MenuItem>
      ))}
      {route.previous && (
        <>
          <MenuSeparator />
          <MenuItem icon={<Undo2 aria-hidden />} onPick={() => actions.rollBack(route)}>
            Roll back to {route.previous}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}
