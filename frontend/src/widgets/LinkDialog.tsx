import { useId, useState } from "react";
import { useLinks, useMakeLink, useRevokeLink } from "@/api/links";
import { problemOf } from "@/api/problem";
import type { Question } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { dayText } from "@/format/times";
import { wallOf } from "@/format/wall";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { Trouble } from "@/ui/Trouble";

const DAYS = [7, 30, 90, 365];
const LONGEST_NAME = 60;

interface LinkDialogProps {
  title: string;
  question: Question & { metrics: string[] };
  onClose: () => void;
}

/** The day of an instant where the workspace is. */
function useDay(): (instant: string) => string {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  return (instant) => {
    const wall = wallOf(instant, timezone);
    return wall ? dayText(wall, true) : instant;
  };
}

/** "Link for a spreadsheet…": an address that gives this figure by itself, shown once, and the links that hold. */
export function LinkDialog({ title, question, onClose }: LinkDialogProps) {
  const [name, setName] = useState(title.slice(0, LONGEST_NAME));
  const [days, setDays] = useState(30);
  const making = useMakeLink();
  const ids = useId();
  const day = useDay();
  const made = making.data;
  const problem = making.error && problemOf(making.error);
  return (
    <Dialog
      open
      onClose={onClose}
      title="Link for a spreadsheet"
      footer={
        made ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look="primary"
              disabled={!name.trim() || making.isPending}
              onClick={() => making.mutate({ name, question, expires_days: days })}
            >
              {making.isPending ? "Making it…" : "Make the link"}
            </Button>
          </>
        )
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {made ? (
          <section aria-label="The link" className="grid gap-2">
            <p>It gives CSV until {day(made.expires_at)}. Copy it now: it is shown this once.</p>
            <p className="num rounded-[7px] bg-sunken p-2 text-small [overflow-wrap:anywhere]">
              {made.address}
            </p>
            <div>
              <CopyButton text={made.address} label="Copy the address" />
            </div>
          </section>
        ) : (
          <div className="grid gap-3">
            <label htmlFor={`${ids}name`} className="grid gap-1 text-label text-soft">
              What it is for
              <input
                id={`${ids}name`}
                className={FIELD}
                value={name}
                maxLength={LONGEST_NAME}
                onChange={(event) => setName(event.target.value)}
              />
            </label>
            <label htmlFor={`${ids}days`} className="flex items-center gap-2 text-label text-soft">
              Ends after
              <select
                id={`${ids}days`}
                className={FIELD}
                value={days}
                onChange={(event) => setDays(Number(event.target.value))}
              >
                {DAYS.map((each) => (
                  <option key={each} value={each}>
                    {each} days
                  </option>
                ))}
              </select>
            </label>
            {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
          </div>
        )}
        <p className="text-small text-soft">
          Whoever holds the address sees this figure as you may see it on that day, and nothing else.
        </p>
        <Links />
      </div>
    </Dialog>
  );
}

function Links() {
  const links = useLinks();
  const revoking = useRevokeLink();
  const day = useDay();
  const problem = revoking.error && problemOf(revoking.error);
  const held = (links.data ?? []).filter(({ state }) => state === "holds");
  if (held.length === 0) return null;
  return (
    <section aria-label="Links that hold" className="grid gap-2 border-line border-t pt-3">
      <h3 className="text-label text-soft">Links that hold</h3>
      <ul className="grid gap-1">
        {held.map((each) => (
          <li key={each.link_id} className="flex flex-wrap items-center justify-between gap-2">
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {each.name}{" "}
              <span className="text-small text-soft">
                until {day(each.expires_at)},{" "}
                {each.last_used_at ? `last used ${day(each.last_used_at)}` : "not used yet"}
              </span>
            </span>
            <Button
              aria-label={`Take back ${each.name}`}
              disabled={revoking.isPending}
              onClick={() => revoking.mutate(each.link_id)}
            >
              Take back
            </Button>
          </li>
        ))}
      </ul>
      {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
    </section>
  );
}
