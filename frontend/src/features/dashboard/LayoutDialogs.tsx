import { useDashboardChanges } from "@/api/dashboards";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { LayoutEditing } from "./useLayoutEditing";
import type { Leaving } from "./useLeavingAsks";

/** Two people arranged at once: the reader decides whose arrangement stays. */
export function ConflictDialog({ editing }: { editing: LayoutEditing }) {
  return (
    <Dialog
      open={editing.hasConflict}
      onClose={editing.keepArranging}
      title="Someone saved this dashboard first"
      footer={
        <>
          <Button onClick={() => void editing.takeTheirs()}>Take theirs, drop mine</Button>
          <Button look="primary" onClick={() => void editing.saveOverTheirs()} disabled={editing.isSaving}>
            Save mine over theirs
          </Button>
        </>
      }
    >
      <p className="text-soft">
        It changed while you were arranging it. Nothing of yours was written. Theirs is what everyone else
        sees now.
      </p>
    </Dialog>
  );
}

/** Whoever leaves with an arrangement in hand is asked whether it goes. */
export function LeaveDialog({ leaving }: { leaving: Leaving }) {
  return (
    <Dialog
      open={leaving.isAsking}
      onClose={leaving.stay}
      title="Leave without saving?"
      footer={
        <>
          <Button onClick={leaving.leave}>Drop the arrangement</Button>
          <Button look="primary" onClick={leaving.stay}>
            Keep arranging
          </Button>
        </>
      }
    >
      <p className="text-soft">The tiles that you moved are not saved yet.</p>
    </Dialog>
  );
}

interface ResetDialogProps {
  dashboardId: string;
  editing: LayoutEditing;
  open: boolean;
  onClose: () => void;
}

/** What the screen changed of the file, line by line, and the way back. */
export function ResetDialog({ dashboardId, editing, open, onClose }: ResetDialogProps) {
  const changes = useDashboardChanges(dashboardId, open);
  return (
    <Dialog
      open={open}
      onClose={onClose}
      title="Reset to the workspace's file?"
      footer={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button
            look="primary"
            onClick={() => {
              onClose();
              void editing.reset();
            }}
          >
            Reset for everyone
          </Button>
        </>
      }
    >
      <p className="text-soft">
        The saved arrangement is dropped, and the dashboard is as its file says again.
      </p>
      {changes.data && changes.data.diff !== "" && (
        <section
          aria-label="What the screen changed of the file"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by key
          tabIndex={0}
          className="mt-3 max-h-64 overflow-auto rounded-[7px] border border-line bg-sunken p-2.5"
        >
          <pre className="font-mono text-mark">{changes.data.diff}</pre>
        </section>
      )}
    </Dialog>
  );
}
