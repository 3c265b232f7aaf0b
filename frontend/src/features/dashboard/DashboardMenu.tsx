import { ChevronDown, Copy, Download, PencilLine, Plus, Trash2, Type, Upload } from "lucide-react";
import { lazy, Suspense, useMemo, useRef } from "react";
import { useNavigate } from "react-router";
import {
  fetchDashboardYaml,
  useAddDashboard,
  useChangeDashboard,
  useDashboards,
  useDeleteDashboard,
  useRestoreDashboard,
} from "@/api/dashboards";
import { useMay } from "@/api/session";
import type { Dashboard } from "@/api/types";
import { paths } from "@/app/address";
import { IconButton } from "@/ui/Button";
import { type Command, useOfferCommands } from "@/ui/commands";
import { downloadFile } from "@/ui/download";
import { Menu, MenuChoices, MenuItem, MenuSeparator } from "@/ui/Menu";
import { notify } from "@/ui/notices";
import { sayProblem } from "@/widgets/sayProblem";
import { ImportDialog } from "./ImportDialog";
import { NameDialog } from "./NameDialog";

const TextDialog = lazy(() => import("./TextDialog").then((m) => ({ default: m.TextDialog })));

export type DashboardTask = "text" | "new" | "copy" | "rename" | "import";

interface DashboardMenuProps {
  dashboard: Dashboard;
  /** The task in hand, also when the palette asked for it. */
  task: DashboardTask | null;
  onTask: (task: DashboardTask | null) => void;
}

/** Every dashboard, and what can be done with this one. */
export function DashboardMenu({ dashboard, task, onTask }: DashboardMenuProps) {
  const all = useDashboards().data ?? [];
  const navigate = useNavigate();
  const { remove, exportYaml } = useDashboardTasks(dashboard);
  const isOnScreenOnly =
    all.find((each) => each.dashboard_id === dashboard.dashboard_id)?.origin === "screen";
  const mayEdit = useMay("save_dashboard");
  useMenuCommands({ exportYaml, remove: isOnScreenOnly && mayEdit ? remove : null });
  return (
    <>
      <Menu
        align="start"
        trigger={
          <IconButton label="Dashboards">
            <ChevronDown aria-hidden />
          </IconButton>
        }
      >
        <MenuChoices
          value={dashboard.dashboard_id}
          choices={all.map((each) => ({ value: each.dashboard_id, label: each.label }))}
          onPick={(id) => void navigate(paths.dashboard(id))}
        />
        {mayEdit && (
          <>
            <MenuSeparator />
            <MenuItem icon={<Type aria-hidden />} onPick={() => onTask("text")}>
              Add text…
            </MenuItem>
            <MenuSeparator />
            <MenuItem icon={<Plus aria-hidden />} onPick={() => onTask("new")}>
              New dashboard…
            </MenuItem>
            <MenuItem icon={<Copy aria-hidden />} onPick={() => onTask("copy")}>
              Duplicate…
            </MenuItem>
            <MenuItem icon={<PencilLine aria-hidden />} onPick={() => onTask("rename")}>
              Rename…
            </MenuItem>
          </>
        )}
        {mayEdit && isOnScreenOnly && (
          <MenuItem icon={<Trash2 aria-hidden />} onPick={() => void remove()}>
            Delete
          </MenuItem>
        )}
        <MenuSeparator />
        <MenuItem icon={<Download aria-hidden />} onPick={() => void exportYaml()}>
          Export YAML
        </MenuItem>
        {mayEdit && (
          <MenuItem icon={<Upload aria-hidden />} onPick={() => onTask("import")}>
            Import YAML…
          </MenuItem>
        )}
      </Menu>
      <TaskDialogs dashboard={dashboard} task={task} onClose={() => onTask(null)} />
    </>
  );
}

interface MenuActions {
  exportYaml: () => Promise<void>;
  remove: (() => Promise<void>) | null;
}

/** The same for the palette. */
function useMenuCommands(actions: MenuActions) {
  const present = useRef(actions);
  present.current = actions;
  const canRemove = actions.remove !== null;
  const commands = useMemo<Command[]>(() => {
    const own = { group: "This dashboard", words: "dashboard" };
    const save = () => void present.current.exportYaml();
    const remove = () => void present.current.remove?.();
    return [
      { ...own, id: "dashboard-export", label: "Export this dashboard as YAML", run: save },
      ...(canRemove ? [{ ...own, id: "dashboard-delete", label: "Delete this dashboard", run: remove }] : []),
    ];
  }, [canRemove]);
  useOfferCommands(commands);
}

/** What is done at once, without asking; deleting can be undone. */
function useDashboardTasks(dashboard: Dashboard) {
  const all = useDashboards().data ?? [];
  const deleting = useDeleteDashboard();
  const restoring = useRestoreDashboard();
  const navigate = useNavigate();
  const { dashboard_id: id, label } = dashboard;
  const remove = async () => {
    try {
      const next = all.find((each) => each.dashboard_id !== id);
      await deleting.mutateAsync(id);
      await navigate(next ? paths.dashboard(next.dashboard_id) : "/");
      notify({
        text: `${label} was deleted.`,
        undo: async () => {
          await restoring.mutateAsync(id);
          await navigate(paths.dashboard(id));
        },
      });
    } catch (error) {
      sayProblem(error);
    }
  };
  const exportYaml = async () => {
    try {
      const yaml = await fetchDashboardYaml(id);
      downloadFile(`${id}.yaml`, new Blob([yaml], { type: "text/yaml" }));
    } catch (error) {
      sayProblem(error);
    }
  };
  return { remove, exportYaml };
}

function TaskDialogs({
  dashboard,
  task,
  onClose,
}: {
  dashboard: Dashboard;
  task: DashboardTask | null;
  onClose: () => void;
}) {
  const adding = useAddDashboard();
  const changing = useChangeDashboard();
  const navigate = useNavigate();
  const { dashboard_id: id, label } = dashboard;
  const add = async (name: string, copyOf?: string) => {
    const added = await adding.mutateAsync({ label: name, ...(copyOf ? { copy_of: copyOf } : {}) });
    onClose();
    await navigate(paths.dashboard(added.dashboard_id));
  };
  switch (task) {
    case "text":
      return (
        <Suspense fallback={null}>
          <TextDialog dashboardId={id} tile={null} onClose={onClose} />
        </Suspense>
      );
    case "new":
      return <NameDialog title="New dashboard" action="Create" initial="" onName={add} onClose={onClose} />;
    case "copy":
      return (
        <NameDialog
          title={`Duplicate ${label}`}
          action="Duplicate"
          initial={`${label}, copy`}
          onName={(name) => add(name, id)}
          onClose={onClose}
        />
      );
    case "rename":
      return (
        <NameDialog
          title="Rename dashboard"
          action="Rename"
          initial={label}
          onName={async (name) => {
            await changing.mutateAsync({ dashboardId: id, label: name, change: (tiles) => tiles });
            onClose();
          }}
          onClose={onClose}
        />
      );
    case "import":
      return <ImportDialog onClose={onClose} />;
    default:
      return null;
  }
}
