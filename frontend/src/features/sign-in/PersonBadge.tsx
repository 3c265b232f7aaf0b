import { useQueryClient } from "@tanstack/react-query";
import { User } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { signOut, useMay, useSession } from "@/api/session";
import { useWorkspace } from "@/api/workspace";
import { paths } from "@/app/address";
import { Button, IconButton } from "@/ui/Button";
import { Popover } from "@/ui/Popover";
import { sayProblem } from "@/widgets/sayProblem";
import { OwnDialog, type OwnTask } from "./OwnDialog";

/** Who asks here, what they are, and the way out. */
export function PersonBadge() {
  const client = useQueryClient();
  const session = useSession().data;
  const sees = useWorkspace().data?.access;
  const mayReadAudit = useMay("audit_log");
  const mayConfirm = useMay("confirm_proposed");
  const [task, setTask] = useState<OwnTask | null>(null);
  const [isOpen, setOpen] = useState(false);
  const who = session?.who;
  if (!who) return null;
  const isLocal = who.kind === "local";
  // It lies above a dialog, so it closes before one opens.
  const begin = (next: OwnTask) => {
    setOpen(false);
    setTask(next);
  };
  const roles = isLocal ? "every role" : who.roles.join(", ") || "no role";

  return (
    <>
      {task && <OwnDialog task={task} onClose={() => setTask(null)} />}
      <Popover
        title={who.name}
        open={isOpen}
        onOpenChange={setOpen}
        trigger={
          <IconButton label={`${who.name}: ${roles}`}>
            <User aria-hidden />
          </IconButton>
        }
      >
        <p className="mt-1 text-soft">{roles}</p>
        {sees && <p className="mt-1 text-small text-soft">{sees}</p>}
        {mayConfirm && (
          <Link to={paths.waiting()} className="mt-2 block text-accent underline underline-offset-2">
            Waiting for a second person
          </Link>
        )}
        {mayReadAudit && (
          <Link to={paths.audit()} className="mt-2 block text-accent underline underline-offset-2">
            Audit log
          </Link>
        )}
        {isLocal ? (
          <p className="mt-2 text-small text-soft">
            Nobody signs in here: whoever sits at this machine is this one person.
          </p>
        ) : (
          <div className="mt-3 grid grid-cols-[minmax(0,1fr)] gap-2">
            {who.has_password && <Button onClick={() => begin("password")}>Change password</Button>}
            {who.has_password && (
              <Button onClick={() => begin(who.has_factor ? "remove" : "set")}>
                {who.has_factor ? "Remove second factor" : "Set second factor"}
              </Button>
            )}
            <Button onClick={() => void signOut(client).catch(sayProblem)}>Sign out</Button>
          </div>
        )}
      </Popover>
    </>
  );
}
