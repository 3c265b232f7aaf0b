import { Plus, Trash2, TriangleAlert, X } from "lucide-react";
import { useRef, useState } from "react";
import { useDeleteWidget, useRestoreWidget, useSavedWidgets } from "@/api/savedWidgets";
import { useMay } from "@/api/session";
import type { SavedWidget, Tile } from "@/api/types";
import { KINDS } from "@/charts/kinds";
import { Button, IconButton } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { matches } from "@/ui/matches";
import { notify } from "@/ui/notices";
import { SearchField } from "@/ui/SearchField";
import { LoadingLines } from "@/ui/Skeleton";
import { useMediaQuery } from "@/ui/useMediaQuery";
import { useReturnFocus } from "@/ui/useReturnFocus";
import { Failure, hasFailed } from "@/widgets/Failure";
import { sayProblem } from "@/widgets/sayProblem";
import { openWords } from "@/widgets/wordsPlace";

interface MyWidgetsRailProps {
  tiles: Tile[];
  onPlace: (saved: SavedWidget) => Promise<void>;
  onClose: () => void;
}

/** Every widget that was saved, beside the page; on a phone over it, with the focus kept inside. */
export function MyWidgetsRail(props: MyWidgetsRailProps) {
  const hasRoom = useMediaQuery("(min-width: 40rem)");
  if (hasRoom) return <RailBeside {...props} />;
  return (
    <Dialog open onClose={props.onClose} title="My widgets" large>
      <div className="flex min-h-0 flex-1 flex-col gap-3 px-4 pb-4">
        <SavedList {...props} />
      </div>
    </Dialog>
  );
}

function RailBeside(props: MyWidgetsRailProps) {
  const rail = useRef<HTMLElement>(null);
  useReturnFocus(rail, () => null);
  return (
    <aside
      ref={rail}
      aria-label="My widgets"
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key === "Escape" && !event.defaultPrevented) props.onClose();
      }}
      className="fixed inset-y-3 right-3 z-30 flex w-[24.615rem] animate-[slide-in_160ms_ease-out] flex-col gap-3 rounded-xl border border-line bg-surface p-4 shadow-sheet outline-none"
    >
      <div className="flex items-center justify-between">
        <h2 className="text-told font-semibold tracking-tight">My widgets</h2>
        <IconButton label="Close my widgets" onClick={props.onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
      <SavedList {...props} />
    </aside>
  );
}

/** Search a widget, set it on this dashboard, delete it and have it back. */
function SavedList({ tiles, onPlace }: MyWidgetsRailProps) {
  const saved = useSavedWidgets();
  const [search, setSearch] = useState("");
  const here = new Set(tiles.map((tile) => tile.widget_id));
  const found = (saved.data ?? []).filter(
    ({ label, widget }) =>
      !search.trim() || matches(search, label, widget.subtitle ?? "", ...widget.question.metrics),
  );
  return (
    <>
      <SearchField label="Search my widgets" value={search} onChange={setSearch} />
      <div className="-mx-1.5 min-h-0 flex-1 overflow-y-auto px-1.5">
        {hasFailed(saved) ? (
          <Failure of={saved} />
        ) : !saved.data ? (
          <LoadingLines label="Loading my widgets" />
        ) : found.length === 0 ? (
          <div className="grid justify-items-center gap-3 py-10 text-center text-soft">
            <p>
              {search
                ? "None of them matches."
                : "Nothing is saved yet. What you add to a dashboard stands here too."}
            </p>
            <Button onClick={() => openWords(search ? { words: search } : {})}>
              <Plus className="size-3.5" aria-hidden />
              {search ? `Make “${search}”` : "Add widget"}
            </Button>
          </div>
        ) : (
          <ul className="grid gap-1">
            {found.map((each) => (
              <Line key={each.widget_id} saved={each} isHere={here.has(each.widget_id)} onPlace={onPlace} />
            ))}
          </ul>
        )}
      </div>
    </>
  );
}

interface LineProps {
  saved: SavedWidget;
  isHere: boolean;
  onPlace: (saved: SavedWidget) => Promise<void>;
}

function Line({ saved, isHere, onPlace }: LineProps) {
  const deleting = useDeleteWidget();
  const restoring = useRestoreWidget();
  const mayEdit = useMay("delete");
  const Icon = KINDS[saved.widget.kind].icon;
  const remove = async () => {
    try {
      await deleting.mutateAsync(saved.widget_id);
    } catch (error) {
      sayProblem(error);
      return;
    }
    notify({
      text: `${saved.label} was deleted.`,
      undo: () => restoring.mutateAsync(saved.widget_id),
    });
    requestAnimationFrame(() => {
      const undos = document.querySelectorAll<HTMLElement>("[data-undo]");
      undos[undos.length - 1]?.focus();
    });
  };
  return (
    <li className="flex items-center gap-2.5 rounded-lg border border-line px-2.5 py-1.5">
      <Icon className="size-4 shrink-0 text-faint" aria-hidden />
      <span className="grid min-w-0 flex-1">
        <span className="truncate font-medium">{saved.label}</span>
        <span className="truncate text-small text-faint">
          {isHere ? "on this dashboard" : (saved.widget.subtitle ?? saved.widget.question.metrics.join(", "))}
        </span>
        {saved.problem && (
          <span className="flex items-center gap-1 truncate text-small text-stale" title={saved.problem}>
            <TriangleAlert className="size-3 shrink-0" aria-hidden />
            {saved.problem}
          </span>
        )}
      </span>
      {mayEdit && (
        <>
          <IconButton label={`Add ${saved.label} to this dashboard`} onClick={() => void onPlace(saved)}>
            <Plus aria-hidden />
          </IconButton>
          <IconButton label={`Delete ${saved.label}`} onClick={() => void remove()}>
            <Trash2 aria-hidden />
          </IconButton>
        </>
      )}
    </li>
  );
}
