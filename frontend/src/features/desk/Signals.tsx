import { CircleAlert, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useSignals } from "@/api/loop";
import type { Signal } from "@/api/types";
import { humanName } from "@/format/words";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Panel } from "@/ui/Panel";
import { Age } from "@/widgets/Age";
import { Stand } from "./Stand";

const SHOWN = 6;

interface SignalsProps {
  customerId: string | null;
  onChooseCase: (recommendationId: string) => void;
  onChooseCustomer: (customerId: string) => void;
}

/** What is wrong right now, newest first. One that led to a recommendation opens it. */
export function Signals({ customerId, onChooseCase, onChooseCustomer }: SignalsProps) {
  const read = useSignals();
  const [isWhole, setWhole] = useState(false);
  const count = read.data?.length ?? 0;
  const choose = (signal: Signal) => {
    if (signal.recommendation_id) return () => onChooseCase(signal.recommendation_id ?? "");
    if (signal.customer_id) return () => onChooseCustomer(signal.customer_id ?? "");
    return null;
  };
  return (
    <Panel title="Signals" note={read.data && (count === 0 ? "none" : `${count} active`)} className="flex-1">
      <Stand read={read} loading="Loading signals" lines={6}>
        {(signals) =>
          signals.length === 0 ? (
            <p className="py-8 text-center text-soft">Nothing is alarming right now.</p>
          ) : (
            <>
              <ul className="-mx-1.5 grid">
                {(isWhole ? signals : signals.slice(0, SHOWN)).map((signal) => (
                  <SignalLine
                    key={signal.alert_id}
                    signal={signal}
                    isChosen={customerId !== null && signal.customer_id === customerId}
                    onChoose={choose(signal)}
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

interface SignalLineProps {
  signal: Signal;
  isChosen: boolean;
  onChoose: (() => void) | null;
}

function SignalLine({ signal, isChosen, onChoose }: SignalLineProps) {
  const isCritical = signal.severity === "critical";
  const Icon = isCritical ? CircleAlert : TriangleAlert;
  const content = (
    <>
      <Icon
        className={classes("mt-[3px] size-3.5 shrink-0", isCritical ? "text-bad" : "text-stale")}
        aria-hidden
      />
      <span className="min-w-0 flex-1">
        <span className="block [overflow-wrap:anywhere]">
          <span className="sr-only">{signal.severity}: </span>
          {signal.title}
        </span>
        <span className="block text-small text-faint">
          {humanName(signal.alert_type)} · <Age at={signal.raised_ts} /> ago
          {signal.recommendation_id && <span className="text-accent"> · led to a recommendation</span>}
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
