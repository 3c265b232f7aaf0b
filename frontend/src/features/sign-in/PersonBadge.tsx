import { useQueryClient } from "@tanstack/react-query";
import { User } from "lucide-react";
import { problemOf } from "@/api/problem";
import { signOut, useSession } from "@/api/session";
import { Button, IconButton } from "@/ui/Button";
import { notify } from "@/ui/notices";
import { Popover } from "@/ui/Popover";

/** Who asks here, what they are, and the way out. */
export function PersonBadge() {
  const client = useQueryClient();
  const session = useSession().data;
  const who = session?.who;
  if (!who) return null;
  const isLocal = who.kind === "local";
  const roles = isLocal ? "every role" : who.roles.join(", ") || "no role";

  const leave = async () => {
    try {
      await signOut(client);
    } catch (error) {
      notify({ text: problemOf(error).detail, isTrouble: true });
    }
  };

  return (
    <Popover
      title={who.name}
      trigger={
        <IconButton label={`${who.name}: ${roles}`}>
          <User aria-hidden />
        </IconButton>
      }
    >
      <p className="mt-1 text-soft">{roles}</p>
      {isLocal ? (
        <p className="mt-2 text-small text-soft">
          Nobody signs in here: whoever sits at this machine is this one person.
        </p>
      ) : (
        <Button className="mt-3" onClick={() => void leave()}>
          Sign out
        </Button>
      )}
    </Popover>
  );
}
