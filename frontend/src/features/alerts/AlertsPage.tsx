import { useWatches } from "@/api/watches";
import { useWorkspace } from "@/api/workspace";
import { useAddress } from "@/app/address";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { AlertCard } from "./AlertCard";
import { Channels } from "./Channels";
import { Messages } from "./Messages";
import { Reports } from "./Reports";

/** What has fired stands first. */
const ORDER = ["fired", "unknown", "calm", "unseen"];

/** Alerts as they stand, reports, the channels they tell, and what was sent to whom. */
export function AlertsPage() {
  const watches = useWatches();
  const chosen = useAddress().get("alert");
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const alerts = [...(watches.data?.alerts ?? [])].sort(
    (one, other) => ORDER.indexOf(one.state) - ORDER.indexOf(other.state),
  );
  return (
    <>
      <PageTop title="Alerts" description="Who is told when a number moves, and who is sent a report" />
      {hasFailed(watches) ? (
        <Failure of={watches} />
      ) : !watches.data ? (
        <LoadingLines label="Loading alerts" />
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {alerts.length === 0 ? (
            <p className="py-16 text-center text-soft">
              There are no alerts yet. A tile's menu makes one with <em>Tell me when…</em>, and so does a file
              in <code className="font-mono text-mark">alerts/</code>.
            </p>
          ) : (
            <ul aria-label="Alerts" className="grid gap-3">
              {alerts.map((each) => (
                <AlertCard
                  key={each.alert_id}
                  alert={each}
                  timezone={timezone}
                  isChosen={each.alert_id === chosen}
                />
              ))}
            </ul>
          )}
          <Reports timezone={timezone} />
          {watches.data.channels.length > 0 && <Channels channels={watches.data.channels} />}
          <Messages timezone={timezone} />
        </div>
      )}
    </>
  );
}
