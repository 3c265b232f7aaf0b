import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import type { LayoutEditing } from "./useLayoutEditing";

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

interface ResetDialogProps {
  editing: LayoutEditing;
  open: boolean;
  onClose: () => void;
}

export function ResetDialog({ editing, open, onClose }: ResetDialogProps) {
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
    </Dialog>
  );
}
