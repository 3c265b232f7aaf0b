import { useQueryClient } from "@tanstack/react-query";
import { LayoutGrid } from "lucide-react";
import { lazy, Suspense, useCallback, useState } from "react";
import { ANSWER } from "@/api/answers";
import { useDashboard } from "@/api/dashboards";
import { problemOf } from "@/api/problem";
import { Button } from "@/ui/Button";
import { Trouble } from "@/ui/Trouble";
import { useMediaQuery } from "@/ui/useMediaQuery";
import { OpenRecommendations } from "@/widgets/OpenRecommendations";
import { PageTop } from "@/widgets/PageTop";
import { DashboardSkeleton } from "./DashboardSkeleton";
import { ConflictDialog, ResetDialog } from "./LayoutDialogs";
import { TileGrid } from "./TileGrid";
import { useDashboardCommands } from "./useDashboardCommands";
import { useLayoutEditing } from "./useLayoutEditing";
import { useWindowChoice } from "./useWindowChoice";
import { WindowControl } from "./WindowControl";

const EditGrid = lazy(() => import("./EditGrid").then((module) => ({ default: module.EditGrid })));

export function DashboardPage({ dashboardId }: { dashboardId: string }) {
  const dashboard = useDashboard(dashboardId);
  const client = useQueryClient();
  const [window, chooseWindow] = useWindowChoice();
  const editing = useLayoutEditing(dashboard.data);
  const [isResetting, setResetting] = useState(false);
  const canArrange = useMediaQuery("(min-width: 1000px)");
  const { begin } = editing;
  const askAllAgain = useCallback(() => void client.invalidateQueries({ queryKey: [ANSWER] }), [client]);
  const askReset = useCallback(() => setResetting(true), []);
  useDashboardCommands({
    chooseWindow,
    askAllAgain,
    edit: begin,
    reset: dashboard.data?.edited ? askReset : null,
  });

  return (
    <>
      <PageTop title={dashboard.data?.label ?? "Dashboard"} description={dashboard.data?.description}>
        {editing.draft ? (
          <>
            {dashboard.data?.edited && (
              <Button look="ghost" onClick={askReset}>
                Reset to file…
              </Button>
            )}
            <Button onClick={editing.cancel}>Cancel</Button>
            <Button look="primary" onClick={() => void editing.save()} disabled={editing.isSaving}>
              {editing.isSaving ? "Saving…" : "Save layout"}
            </Button>
          </>
        ) : (
          <>
            <WindowControl window={window} onChoose={chooseWindow} />
            {canArrange && dashboard.data && (
              <Button onClick={begin} title="Arrange tiles" aria-label="Arrange tiles">
                <LayoutGrid className="size-4 text-soft" aria-hidden />
              </Button>
            )}
          </>
        )}
      </PageTop>
      <OpenRecommendations />
      {editing.problem && <Trouble sentence={editing.problem.detail} mend={editing.problem.mend} />}
      {editing.draft && (
        <p id="arrange-how" className="mb-3 text-[12.5px] text-soft">
          Drag a tile, or its corner. By key: Tab to a tile, arrows move it, Shift and arrows size it.
        </p>
      )}
      {dashboard.error ? (
        <Trouble
          sentence={problemOf(dashboard.error).detail}
          mend={problemOf(dashboard.error).mend}
          onRetry={() => void dashboard.refetch()}
        />
      ) : !dashboard.data ? (
        <DashboardSkeleton />
      ) : editing.draft ? (
        <Suspense fallback={<DashboardSkeleton />}>
          <EditGrid tiles={editing.draft} window={window} onChange={editing.change} />
        </Suspense>
      ) : dashboard.data.tiles.length === 0 ? (
        <p className="py-16 text-center text-soft">
          This dashboard has no tiles yet. They are written in its file in the workspace.
        </p>
      ) : (
        <TileGrid tiles={dashboard.data.tiles} window={window} />
      )}
      <ConflictDialog editing={editing} />
      <ResetDialog editing={editing} open={isResetting} onClose={() => setResetting(false)} />
    </>
  );
}
