import { useQueryClient } from "@tanstack/react-query";
import { LayoutGrid, PanelRight, Plus } from "lucide-react";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";
import { Link } from "react-router";
import { ANSWER } from "@/api/answers";
import { askAgain } from "@/api/askAgain";
import { useDashboard, useDashboards } from "@/api/dashboards";
import { NO_METRICS, useMetrics } from "@/api/metrics";
import { useMay } from "@/api/session";
import type { Question, Tile } from "@/api/types";
import { paths } from "@/app/address";
import { nearest } from "@/question/nearest";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Trouble } from "@/ui/Trouble";
import { useLater } from "@/ui/useLater";
import { useMediaQuery } from "@/ui/useMediaQuery";
import type { ExplainAsked } from "@/widgets/ExplainDialog";
import { Failure, hasFailed } from "@/widgets/Failure";
import { OpenRecommendations } from "@/widgets/OpenRecommendations";
import { PageTop } from "@/widgets/PageTop";
import { ProofStrip } from "@/widgets/ProofStrip";
import { tileTitle } from "@/widgets/tileWords";
import { openWords } from "@/widgets/wordsPlace";
import { DashboardMenu, type DashboardTask } from "./DashboardMenu";
import { DashboardSkeleton } from "./DashboardSkeleton";
import { DimensionNotes } from "./DimensionNotes";
import { FilterChips } from "./FilterChips";
import { FilterControl } from "./FilterControl";
import { ConflictDialog, LeaveDialog, ResetDialog } from "./LayoutDialogs";
import { MyWidgetsRail } from "./MyWidgetsRail";
import { type RowsAsked, RowsDialog } from "./RowsDialog";
import { TileGrid } from "./TileGrid";
import { TileMenu } from "./TileMenu";
import { useDashboardCommands } from "./useDashboardCommands";
import { useLayoutEditing } from "./useLayoutEditing";
import { useLeavingAsks } from "./useLeavingAsks";
import { usePageFilters } from "./usePageFilters";
import { useTileActions } from "./useTileActions";
import { useWindowChoice } from "./useWindowChoice";
import { WindowControl } from "./WindowControl";
import { WindowNote } from "./WindowNote";

const TextDialog = lazy(() => import("./TextDialog").then((module) => ({ default: module.TextDialog })));
const ExplainDialog = lazy(() =>
  import("@/widgets/ExplainDialog").then((module) => ({ default: module.ExplainDialog })),
);
const EditGrid = lazy(() => import("./EditGrid").then((module) => ({ default: module.EditGrid })));

export function DashboardPage({ dashboardId }: { dashboardId: string }) {
  const dashboard = useDashboard(dashboardId);
  const client = useQueryClient();
  const [window, chooseWindow] = useWindowChoice();
  const editing = useLayoutEditing(dashboard.data);
  const leaving = useLeavingAsks(editing);
  const filters = usePageFilters();
  const metrics = useMetrics().data ?? NO_METRICS;
  const { remove, place } = useTileActions(dashboardId);
  const [isResetting, setResetting] = useState(false);
  const [isRailOpen, setRailOpen] = useState(false);
  const [task, setTask] = useState<DashboardTask | null>(null);
  const [rowsAsked, setRowsAsked] = useState<RowsAsked | null>(null);
  const [explainAsked, setExplainAsked] = useState<ExplainAsked | null>(null);
  const [textTile, setTextTile] = useState<Tile | null>(null);
  const tiles = dashboard.data?.tiles ?? [];
  const asked = new Set(tiles.flatMap((tile) => tile.widget.question.metrics));
  const shown = metrics.filter((metric) => asked.has(metric.metric_id));
  const showRows = useCallback(
    (metricId: string, label: string, question: Question) => setRowsAsked({ metricId, label, question }),
    [],
  );
  const explain = useCallback(
    (metricId: string, label: string, question: Question) => setExplainAsked({ metricId, label, question }),
    [],
  );
  const mayEdit = useMay("save_dashboard");
  const actionsOf = useCallback(
    (tile: Tile) =>
      mayEdit && (
        <TileMenu
          onEdit={() =>
            tile.widget.kind === "text" ? setTextTile(tile) : openWords({ editing: { dashboardId, tile } })
          }
          onRemove={() => void remove(tile, tileTitle(tile.widget, metrics, false))}
        />
      ),
    [mayEdit, dashboardId, remove, metrics],
  );
  // Forty tiles are drawn anew piece by piece, while the page itself goes on at once.
  const chosen = useMemo(() => ({ window, filters }), [window, filters]);
  const drawn = useLater(chosen);
  const toggleRail = useCallback(() => setRailOpen((open) => !open), []);
  const canArrange = useMediaQuery("(min-width: 62.5rem)") && mayEdit;
  const { begin } = editing;
  const all = useDashboards().data ?? [];
  const near = nearest(
    dashboardId,
    all.map((each) => each.dashboard_id),
  );
  const isOfFile = all.some((each) => each.dashboard_id === dashboardId && each.origin === "file");
  const isChanged = isOfFile && dashboard.data?.edited === true;
  const askAllAgain = useCallback(() => void askAgain(client, { queryKey: [ANSWER] }), [client]);
  const askReset = useCallback(() => setResetting(true), []);
  useDashboardCommands({
    chooseWindow,
    askAllAgain,
    edit: mayEdit ? begin : null,
    reset: dashboard.data?.edited && mayEdit ? askReset : null,
    toggleRail,
    setTask,
  });

  return (
    <div className={classes(isRailOpen && "lg:pr-[332px]")}>
      <PageTop
        title={dashboard.data?.label ?? "Dashboard"}
        description={dashboard.data?.description || undefined}
        below={<ProofStrip />}
        titleMenu={
          dashboard.data && <DashboardMenu dashboard={dashboard.data} task={task} onTask={setTask} />
        }
      >
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
        ) : hasFailed(dashboard) ? null : (
          <>
            <WindowControl window={window} onChoose={chooseWindow} />
            <FilterControl filters={filters} metrics={shown} />
            <Button aria-label="My widgets" aria-pressed={isRailOpen} title="My widgets" onClick={toggleRail}>
              <PanelRight className="size-4 text-soft" aria-hidden />
            </Button>
            {canArrange && dashboard.data && (
              <Button onClick={begin} title="Arrange tiles" aria-label="Arrange tiles">
                <LayoutGrid className="size-4 text-soft" aria-hidden />
              </Button>
            )}
            <Button look="primary" aria-keyshortcuts="Control+I Meta+I" onClick={() => openWords()}>
              <Plus className="size-4" aria-hidden />
              <span className="max-sm:sr-only">{mayEdit ? "Add widget" : "Ask"}</span>
            </Button>
          </>
        )}
      </PageTop>
      <OpenRecommendations />
      <WindowNote />
      <DimensionNotes filters={filters} metrics={metrics} />
      <FilterChips filters={filters} metrics={metrics} />
      {isChanged && !editing.draft && (
        <p className="mb-3 text-label text-soft">
          Changed on the screen.{" "}
          {mayEdit && (
            <button type="button" onClick={askReset} className="text-accent underline underline-offset-2">
              Show what its file has
            </button>
          )}
        </p>
      )}
      {editing.problem && <Trouble sentence={editing.problem.detail} mend={editing.problem.mend} />}
      {editing.draft && (
        <p id="arrange-how" className="mb-3 text-label text-soft">
          Drag a tile, or its corner. By key: Tab to a tile, arrows move it, Shift and arrows size it.
        </p>
      )}
      {hasFailed(dashboard) ? (
        <div className="grid justify-items-start gap-3">
          <Failure of={dashboard} />
          {near && (
            <p>
              The nearest is{" "}
              <Link to={paths.dashboard(near)} className="text-accent underline underline-offset-2">
                {near}
              </Link>
              .
            </p>
          )}
          <Link to="/" className="text-accent underline underline-offset-2">
            Go to the first dashboard
          </Link>
        </div>
      ) : !dashboard.data ? (
        <DashboardSkeleton />
      ) : editing.draft ? (
        <Suspense fallback={<DashboardSkeleton />}>
          <EditGrid
            tiles={editing.draft}
            window={window}
            filters={filters.filters}
            onChange={editing.change}
          />
        </Suspense>
      ) : dashboard.data.tiles.length === 0 ? (
        <div className="grid justify-items-center gap-3 py-20 text-center text-soft">
          <p>This dashboard is empty. Say what you want to see, and it stands here.</p>
          <Button look="primary" onClick={() => openWords()}>
            <Plus className="size-4" aria-hidden />
            {mayEdit ? "Add the first widget" : "Ask"}
          </Button>
        </div>
      ) : (
        <div className={classes("transition-opacity", drawn !== chosen && "opacity-35")}>
          <TileGrid
            tiles={dashboard.data.tiles}
            window={drawn.window}
            filters={drawn.filters}
            onRows={showRows}
            onExplain={explain}
            actionsOf={actionsOf}
          />
        </div>
      )}
      {isRailOpen && <MyWidgetsRail tiles={tiles} onPlace={place} onClose={toggleRail} />}
      {rowsAsked && <RowsDialog asked={rowsAsked} onClose={() => setRowsAsked(null)} />}
      {explainAsked && (
        <Suspense fallback={null}>
          <ExplainDialog asked={explainAsked} onClose={() => setExplainAsked(null)} />
        </Suspense>
      )}
      {textTile && (
        <Suspense fallback={null}>
          <TextDialog dashboardId={dashboardId} tile={textTile} onClose={() => setTextTile(null)} />
        </Suspense>
      )}
      <ConflictDialog editing={editing} />
      <LeaveDialog leaving={leaving} />
      <ResetDialog
        dashboardId={dashboardId}
        editing={editing}
        open={isResetting}
        onClose={() => setResetting(false)}
      />
    </div>
  );
}
