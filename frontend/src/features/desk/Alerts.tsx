import { CircleAlert, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useAlerts } from "@/api/loop";
import type { Alert } from "@/api/types";
import { humanName } from "@/format/words";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Panel } from "@/ui/Panel";
import { Age } from "@/widgets/Age";
import { Stand } from "./Stand";

const SHOWN = 6;

interface AlertsProps {
  customerId: string | null;
  onChooseCase: (recommendationId: string) => void;
  onChooseCustomer: (customerId: string) => void;
}

/** What is wrong right now, newest first. One that led to a recommendation opens it. */
export function Alerts({ customerId, onChooseCase, onChooseCustomer }: AlertsProps) {
  const read = useAlerts();
  const [isWhole, setWhole] = useState(false);
  const count = read.data?.length ?? 0;
  const choose = (alert: Alert) => {
    if (alert.recommendation_id) return () => onChooseCase(alert.recommendation_id ?? "");
    if (alert.customer_id) return () => onChooseCustomer(alert.customer_id ?? "");
    return null;
  };
  return (
    <Panel title="Alerts" note={read.data && (count === 0 ? "none" : `${count} active`)} className="flex-1">
      <Stand read={read} loading="Loading alerts" lines={6}>
        {(alerts) =>
          alerts.length === 0 ? (
            <p className="py-8 text-center text-soft">Nothing is alarming right now.</p>
          ) : (
            <>
              <ul className="-mx-1.5 grid">
                {(isWhole ? alerts : alerts.slice(0, SHOWN)).map((alert) => (
                  <AlertLine
                    key={alert.alert_id}
                    alert={alert}
                    isChosen={customerId !== null && alert.customer_id === customerId}
                    onChoose={choose(alert)}
                  />
                ))}
              </ul>
              {count > SHOWN && (
                <Button look="ghost" className="mt-1 self-center" onClick={() => setWhole(!isWhole)}>
                  {isWhole ? "Show the latest only" : `Show all ${count}`}
                </Button>
              )}
            </>
          )
        }
      </Stand>
    </Panel>
  );
}

interface AlertLineProps {
  alert: Alert;
  isChosen: boolean;
  onChoose: (() => void) | null;
}

function AlertLine({ alert, isChosen, onChoose }: AlertLineProps) {
  const isCritical = alert.severity === "critical";
  const Icon = isCritical ? CircleAlert : TriangleAlert;
  const content = (
    <>
      <Icon
        className={classes("mt-[3px] size-3.5 shrink-0", isCritical ? "text-bad" : "text-stale")}
        aria-hidden
      />
      <span className="min-w-0 flex-1">
        <span className="block [overflow-wrap:anywhere]">
          <span className="sr-only">{alert.severity}: </span>
          {alert.title}
        </span>
        <span className="block text-small text-faint">
          {humanName(alert.alert_type)} · <Age at={alert.raised_ts} /> ago
          {alert.recommendation_id && <span className="text-accent"> · led to a recommendation</span>}
        </span>
      </span>
    </>
  );
  const look = "flex w-full items-start gap-2 rounded-md px-1.5 py-1.5 text-left";
  return (
    <li className="border-line/70 border-b last:border-b-0">
      {onChoose ? (
        <button
          type="button"
          onClick={onChoose}
          aria-current={isChosen || undefined}
          className={classes(look, "-outline-offset-2 hover:bg-sunken aria-[current]:bg-accent-soft")}
        >
          {content}
        </button>
      ) : (
        <div className={look}>{content}</div>
      )}
    </li>
  );
}
