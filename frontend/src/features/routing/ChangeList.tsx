import { ArrowRight } from "lucide-react";
import { Link } from "react-router";
import type { RouteChange } from "@/api/types";
import { paths } from "@/app/address";
import { clockText } from "@/format/times";
import { Panel } from "@/ui/Panel";
import { changeWords } from "./words";

interface ChangeListProps {
  changes: RouteChange[];
  metricId: string;
  timezone: string;
}

/** Every change of the route: from where to where, on what ground, by whom. */
export function ChangeList({ changes, metricId, timezone }: ChangeListProps) {
  return (
    <Panel title="Changes of this route">
      {changes.length === 0 ? (
        <p className="text-soft">It has not been served yet.</p>
      ) : (
        <ol className="grid max-h-80 gap-2.5 overflow-y-auto">
          {changes.map((change) => (
            <li key={change.epoch} className="grid gap-0.5 text-label">
              <p className="flex flex-wrap items-center gap-x-1.5 font-medium">
                {change.from_backend && (
                  <>
                    {change.from_backend}
                    <ArrowRight className="size-3 text-faint" aria-label="to" />
                  </>
                )}
                {change.to_backend}
                <span className="ml-auto text-small font-normal text-faint" title={change.changed_at}>
                  {clockText(change.changed_at, timezone)}
                </span>
              </p>
              <p className="text-small text-soft [overflow-wrap:anywhere]">
                {change.certificate_id ? (
                  <Link
                    to={paths.routing({ metric: metricId, certificate: change.certificate_id })}
                    className="underline underline-offset-2 hover:text-ink"
                  >
                    {changeWords(change)}
                  </Link>
                ) : (
                  changeWords(change)
                )}{" "}
                · {change.changed_by}
                {change.reason && change.kind === "accepted" && `: ${change.reason}`}
              </p>
            </li>
          ))}
        </ol>
      )}
    </Panel>
  );
}
