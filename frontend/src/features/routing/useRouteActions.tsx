import { useState } from "react";
import { useCompareRoute } from "@/api/compareRoute";
import { useMoveRoutes } from "@/api/moveRoutes";
import { useRollBackRoute } from "@/api/rollBackRoute";
import type { Route } from "@/api/types";
import { notify } from "@/ui/notices";
import { withMend } from "@/ui/sentences";
import { knownName } from "@/ui/yourName";
import { sayProblem } from "@/widgets/sayProblem";
import type { Moving } from "./MoveDialog";
import { useRoutingPlace } from "./useRoutingPlace";

export interface RouteActions {
  /** Compares with another backend, and opens the metric to show how it goes. */
  compare: (route: Route, to: string) => void;
  /** Asks what is to be moved, and how. */
  move: (moving: Moving) => void;
  /** At once. */
  rollBack: (route: Route) => void;
  /** Takes an edit of the file back that has not taken effect. */
  withdraw: (route: Route) => void;
}

/** What can be done with routes; what became of it is a notice. `moving` is for the dialog. */
export function useRouteActions() {
  const { go } = useRoutingPlace();
  const [moving, setMoving] = useState<Moving | null>(null);
  const compare = useCompareRoute();
  const rollBack = useRollBackRoute();
  const withdraw = useMoveRoutes();
  const actions: RouteActions = {
    compare: (route, to) => {
      compare.mutate({ metricId: route.metric_id, to });
      go({ metric: route.metric_id });
    },
    move: setMoving,
    rollBack: (route) =>
      rollBack.mutate(
        { metricId: route.metric_id, by: knownName() },
        {
          onSuccess: ({ label, backend }) => notify({ text: `${label} is served by ${backend} again.` }),
          onError: sayProblem,
        },
      ),
    withdraw: (route) =>
      withdraw.mutate(
        { metricIds: [route.metric_id], backend: route.backend ?? "", by: knownName() },
        {
          onSuccess: ({ outcomes: [outcome] }) =>
            notify(
              outcome?.flipped === false
                ? { text: withMend(outcome.reason, outcome.mend), isTrouble: true }
                : { text: `The file says ${route.backend} for ${route.label} again.` },
            ),
          onError: sayProblem,
        },
      ),
  };
  return {
    actions,
    moving,
    stopMoving: () => setMoving(null),
    isRollingBack: rollBack.isPending ? (rollBack.variables?.metricId ?? null) : null,
  };
}
