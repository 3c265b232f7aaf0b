import { useState } from "react";
import { problemOf } from "@/api/problem";
import { useRoutes } from "@/api/routes";
import type { Route } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { PageTop } from "@/widgets/PageTop";
import { BackendStrip } from "./BackendStrip";
import { ChangeRouteDialog } from "./ChangeRouteDialog";
import { RouteMatrix } from "./RouteMatrix";

/** Which engine computes which metric, and moving one from here to there. */
export function RoutingPage() {
  const routes = useRoutes();
  const backends = useWorkspace().data?.backends ?? [];
  const [change, setChange] = useState<{ route: Route; backend: string } | null>(null);
  return (
    <>
      <PageTop
        title="Routing"
        description={
          routes.data ? (
            <span>
              <code className="font-mono text-[11.5px]">{routes.data.file}</code> · epoch {routes.data.epoch}
            </span>
          ) : undefined
        }
      />
      {routes.error ? (
        <Trouble
          sentence={problemOf(routes.error).detail}
          mend={problemOf(routes.error).mend}
          onRetry={() => void routes.refetch()}
        />
      ) : !routes.data ? (
        <LoadingLines label="Loading the routes" lines={10} />
      ) : (
        <div className="grid gap-4">
          <BackendStrip backends={backends} />
          <RouteMatrix
            routes={routes.data}
            backends={backends}
            onMove={(route, backend) => setChange({ route, backend })}
          />
        </div>
      )}
      {change && routes.data && (
        <ChangeRouteDialog
          route={change.route}
          backend={change.backend}
          file={routes.data.file}
          onClose={() => setChange(null)}
        />
      )}
    </>
  );
}
