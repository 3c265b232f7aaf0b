import { useId, useState } from "react";
import { useMay } from "@/api/session";
import type { Watch, WatchListener } from "@/api/types";
import { useWatchDeed } from "@/api/watches";
import { exactText } from "@/format/numbers";
import { clockText } from "@/format/times";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { FIELD } from "@/ui/fields";
import { sayProblem } from "@/widgets/sayProblem";
import { ReceiptLink } from "./ReceiptLink";

interface AlertCardProps {
  alert: Watch;
  timezone: string;
  isChosen: boolean;
}

const STATES = {
  fired: ["Fired", "bg-bad-soft text-bad"],
  calm: ["Calm", "bg-sunken text-soft"],
  unknown: ["Not known", "bg-stale-soft text-stale"],
  unseen: ["Not for you to see", "bg-sunken text-faint"],
} as const;

const HOURS = [1, 8, 24, 168];
const HOURS_TOLD: Record<number, string> = { 1: "an hour", 8: "8 hours", 24: "a day", 168: "a week" };

/** One alert: when it speaks, how it stands for each listener that one sees, and what can be done about it. */
export function AlertCard({ alert, timezone, isChosen }: AlertCardProps) {
  const title = useId();
  const [label, look] = STATES[alert.state];
  const place = alert.made_by ? `Made by ${alert.made_by}` : `${alert.file}:${alert.line}`;
  return (
    <li
      aria-labelledby={title}
      className={classes(
        "grid grid-cols-[minmax(0,1fr)] gap-2.5 rounded-[11px] border bg-surface px-4 py-3",
        isChosen ? "border-ink" : "border-line",
      )}
    >
      <div className="flex flex-wrap items-start justify-between gap-x-3 gap-y-1">
        <div className="grid min-w-0 gap-0.5">
          <h2 id={title} className="font-medium [overflow-wrap:anywhere]">
            {alert.label} <span className="font-normal text-soft">{alert.condition}</span>
          </h2>
          <p className="text-small text-soft [overflow-wrap:anywhere]">
            {place}
            {alert.next_at && `, checked next ${clockText(alert.next_at, timezone)}`}
          </p>
        </div>
        <span className={classes("rounded-full px-2.5 py-0.5 text-mark font-medium", look)}>{label}</span>
      </div>
      {alert.muted && (
        <p className="text-small text-soft">
          Muted by {alert.muted.by} until {clockText(alert.muted.until, timezone)}: {alert.muted.reason}
        </p>
      )}
      {alert.acknowledged && (
        <p className="text-small text-soft">
          Acknowledged by {alert.acknowledged.by}, {clockText(alert.acknowledged.at, timezone)}
        </p>
      )}
      <ul className="grid gap-1.5">
        {alert.listeners.map((each) => (
          <Listener key={each.listener} listener={each} unit={alert.unit} timezone={timezone} />
        ))}
      </ul>
      <Deeds alert={alert} described={title} />
    </li>
  );
}

function Listener({ listener, unit, timezone }: { listener: WatchListener; unit: string; timezone: string }) {
  return (
    <li className="grid gap-0.5 border-line border-t pt-1.5 text-small [overflow-wrap:anywhere]">
      <span className="text-soft">
        Tells {listener.listener}
        {listener.checked_at && `, checked ${clockText(listener.checked_at, timezone)}`}
      </span>
      {!listener.is_seen ? (
        <span className="text-faint">It sees other rows than you, or was not checked yet.</span>
      ) : listener.fired.length > 0 ? (
        listener.fired.map((each) => (
          <span key={JSON.stringify(each.group)} className="text-ink">
            {each.sentence} Since {clockText(each.fired_at, timezone)}
            {each.told_at === null && ", not told yet"}{" "}
            {each.receipt_id && <ReceiptLink id={each.receipt_id} />}
          </span>
        ))
      ) : listener.unknown ? (
        <span className="text-ink">Nothing can be said: {listener.unknown}.</span>
      ) : (
        <span className="text-ink">
          {listener.groups === 1
            ? exactText(listener.value, unit)
            : `it holds for none of ${listener.groups} groups`}{" "}
          {listener.receipt_id && <ReceiptLink id={listener.receipt_id} />}
        </span>
      )}
    </li>
  );
}

function Deeds({ alert, described }: { alert: Watch; described: string }) {
  const deed = useWatchDeed();
  const mayDecide = useMay("mute_watch");
  const [isMuting, setMuting] = useState(false);
  const alertId = alert.alert_id;
  const act = (kind: "unmute" | "acknowledge" | "drop") =>
    deed.mutate({ kind, alertId }, { onError: sayProblem });
  return (
    <div className="flex flex-wrap items-center justify-end gap-2">
      {mayDecide && alert.state === "fired" && !alert.acknowledged && (
        <Button aria-describedby={described} disabled={deed.isPending} onClick={() => act("acknowledge")}>
          Acknowledge
        </Button>
      )}
      {mayDecide && alert.muted && (
        <Button aria-describedby={described} disabled={deed.isPending} onClick={() => act("unmute")}>
          Speak again
        </Button>
      )}
      {mayDecide && !alert.muted && !isMuting && (
        <Button aria-describedby={described} onClick={() => setMuting(true)}>
          Mute…
        </Button>
      )}
      {alert.may_drop && (
        <Button aria-describedby={described} disabled={deed.isPending} onClick={() => act("drop")}>
          Drop
        </Button>
      )}
      {isMuting && !alert.muted && <Mute alertId={alertId} onEnd={() => setMuting(false)} />}
    </div>
  );
}

function Mute({ alertId, onEnd }: { alertId: string; onEnd: () => void }) {
  const deed = useWatchDeed();
  const [hours, setHours] = useState(8);
  const [reason, setReason] = useState("");
  return (
    <form
      className="flex w-full flex-wrap items-center justify-end gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        deed.mutate({ kind: "mute", alertId, hours, reason }, { onSuccess: onEnd, onError: sayProblem });
      }}
    >
      <select
        aria-label="For how long"
        className={FIELD}
        value={hours}
        onChange={(event) => setHours(Number(event.target.value))}
      >
        {HOURS.map((each) => (
          <option key={each} value={each}>
            {HOURS_TOLD[each]}
          </option>
        ))}
      </select>
      <input
        aria-label="Reason"
        placeholder="Reason"
        className={`${FIELD} min-w-0 flex-1`}
        value={reason}
        minLength={3}
        maxLength={500}
        required
        onChange={(event) => setReason(event.target.value)}
      />
      <Button onClick={onEnd}>Cancel</Button>
      <Button type="submit" look="primary" disabled={deed.isPending || reason.trim().length < 3}>
        Mute
      </Button>
    </form>
  );
}
