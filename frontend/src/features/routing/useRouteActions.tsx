import { useState } from "react";
import { useCompareRoute } from "@/api/compareRoute";
import { useMoveRoutes } from "@/api/moveRoutes";
import { problemOf } from "@/api/problem";
import { useRollBackRoute } from "@/api/rollBackRoute";
import type { Route } from "@/api/types";
import type { Moving } from "./MoveDialog";
import type { Said } from "./Notice";
import { useRoutingPlace } from "./useRoutingPlace";
import { knownName } from "./yourName";

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

/** What can be done with routes, with what became of it: `said` for the page, `moving` for the dialog. */
export function useRouteActions() {
  const { go } = useRoutingPlace();
  const [moving, setMoving] = useState<Moving | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const compare = useCompareRoute();
  const rollBack = useRollBackRoute();
  const withdraw = useMoveRoutes();
  const complain = (error: unknown) => {
    const { detail, mend } = problemOf(error);
    setSaid({ tone: "bad", text: detail, mend });
  };
  const actions: RouteActions = {
    compare: (route, to) => {
      setSaid(null);
      compare.mutate({ metricId: route.metric_id, to });
      go({ metric: route.metric_id });
    },
    move: (next) => {
      setSaid(null);
      setMoving(next);
    },
    rollBack: (route) =>
      rollBack.mutate(
        { metricId: route.metric_id, by: knownName() },
        {
          onSuccess: ({ label, backend }) =>
            setSaid({ tone: "good", text: `${label} is served by ${backend} again.`, mend: null }),
          onError: complain,
        },
      ),
    withdraw: (route) =>
      withdraw.mutate(
        { metricIds: [route.metric_id], backend: route.backend ?? "", by: knownName() },
        {
          onSuccess: ({ outcomes: [outcome] }) =>
            setSaid(
              outcome?.flipped === false
                ? { tone: "bad", text: outcome.reason, mend: outcome.mend }
                : {
                    tone: "good",
                    text: `The file says ${route.backend} for ${route.label} again.`,
                    mend: null,
                  },
            ),
          onError: complain,
        },
      ),
  };
  return {
    actions,
    moving,
    stopMoving: () => setMoving(null),
    said,
    forget: () => setSaid(null),
    isRollingBack: rollBack.isPending ? (rollBack.variables?.metricId ?? null) : null,
  };
}
