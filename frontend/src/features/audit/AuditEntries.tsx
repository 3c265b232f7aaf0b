import type { AuditEntry } from "@/api/types";
import { clockText } from "@/format/times";
import { humanName } from "@/format/words";
import { Fact, Facts } from "@/ui/Facts";
import { InParts } from "@/ui/InParts";
import { shortId } from "@/ui/ids";
import { Json } from "@/ui/Json";

interface AuditEntriesProps {
  entries: AuditEntry[];
  timezone: string;
}

/** What its parts in a row would say oddly. */
const SAID: Record<string, string> = {
  "sign_in.ok": "Signed in",
  "sign_in.failed": "Sign-in failed",
  "sign_in.throttled": "Sign-in held back",
  "person.factor": "Second factor changed",
};

/** "route.moved" as people say it. */
const actionText = (action: string) => SAID[action] ?? humanName(action.replace(".", " "));

/** Entries as lines; each opens to what was there before and after. */
export function AuditEntries({ entries, timezone }: AuditEntriesProps) {
  return (
    <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
      {entries.map((entry) => (
        <li key={entry.number} className="border-line border-b last:border-b-0">
          <details>
            <summary className="grid cursor-pointer grid-cols-[minmax(0,1fr)_minmax(0,1fr)] items-baseline gap-x-4 gap-y-0.5 px-3.5 py-2 -outline-offset-2 hover:bg-sunken md:grid-cols-[minmax(0,1.1fr)_minmax(0,1.4fr)_minmax(0,1fr)_13rem]">
              <span className="min-w-0 font-medium [overflow-wrap:anywhere]">{actionText(entry.action)}</span>
              <span
                className="min-w-0 text-right text-soft [overflow-wrap:anywhere] md:text-left"
                title={entry.subject}
              >
                <InParts name={entry.subject} />
              </span>
              <span className="min-w-0 [overflow-wrap:anywhere]" title={entry.who.id}>
                <InParts name={entry.who.name || "unknown"} />
                {entry.who.as && <span className="text-faint"> as {entry.who.as}</span>}
              </span>
              <span className="text-right text-soft md:text-left" title={entry.at}>
                {entry.at ? clockText(entry.at, timezone) : "unreadable"}
              </span>
            </summary>
            <div className="grid gap-2 px-3.5 pb-3">
              <Facts>
                <Fact name="Entry">
                  {entry.number} · <span title={entry.hash}>{shortId(entry.hash)}</span>
                </Fact>
                <Fact name="Who">
                  {entry.who.id || "unknown"} ({entry.who.kind || "unknown"})
                </Fact>
                <Fact name="From">{entry.address ?? "this machine"}</Fact>
                <Fact name="Request">{entry.request_id}</Fact>
              </Facts>
              <Json
                value={entry.at ? { before: entry.before, after: entry.after } : entry.document}
                label="Copy JSON"
              />
            </div>
          </details>
        </li>
      ))}
    </ul>
  );
}
