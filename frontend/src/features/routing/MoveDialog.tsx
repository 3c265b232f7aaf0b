import { useId, useState } from "react";
import { useComparisonsUnderWay } from "@/api/comparing";
import { useMoveRoutes } from "@/api/moveRoutes";
import { problemOf } from "@/api/problem";
import { useSignedIn } from "@/api/session";
import type { Route, RouteOutcome } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Trouble } from "@/ui/Trouble";
import { LONGEST_NAME, setYourName, useYourName } from "@/ui/yourName";
import { MovingLine } from "./MovingLine";

export interface Moving {
  metricIds: string[];
  backend: string;
  /** The difference is known already: a reason to accept it is asked for at once. */
  isAccepting?: boolean;
}

interface MoveDialogProps {
  moving: Moving;
  routes: Route[];
  file: string;
  onClose: () => void;
}

const FIELD = "w-full rounded-[7px] border border-line bg-surface px-2.5 py-1.5 text-ink";

/** Compares metrics and moves those that agree; what differs stays, unless somebody accepts it with a reason and a name. */
export function MoveDialog({ moving, routes, file, onClose }: MoveDialogProps) {
  const { metricIds, backend, isAccepting = false } = moving;
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, RouteOutcome>>(new Map());
  const [excluded, setExcluded] = useState<ReadonlySet<string>>(new Set());
  const signedIn = useSignedIn();
  const known = useYourName();
  const [name, setName] = useState(known);
  const [reason, setReason] = useState("");
  const form = useId();
  const move = useMoveRoutes();
  const underWay = useComparisonsUnderWay();
  // As they were when this was opened: a metric that has moved still says where it came from.
  const [named] = useState(() => routes.filter((route) => metricIds.includes(route.metric_id)));
  const chosen = named.filter((route) => route.backend !== backend);
  const there = named.filter((route) => route.backend === backend);
  const canAccept = chosen.filter(
    (route) => outcomes.get(route.metric_id)?.certificate_id && !outcomes.get(route.metric_id)?.flipped,
  );
  const accepting =
    outcomes.size === 0 && isAccepting ? chosen : canAccept.filter((route) => !excluded.has(route.metric_id));
  const asksReason = canAccept.length > 0 || (outcomes.size === 0 && isAccepting);
  const isOver = outcomes.size > 0 && canAccept.length === 0;
  const send = () =>
    move.mutate(
      {
        metricIds: (asksReason ? accepting : chosen).map((route) => route.metric_id),
        backend,
        by: name.trim() || undefined,
        acceptDifference: asksReason ? reason.trim() : undefined,
      },
      {
        onSuccess: (told) =>
          setOutcomes((held) => {
            const next = new Map(held);
            for (const outcome of told.outcomes) next.set(outcome.metric_id, outcome);
            return next;
          }),
      },
    );
  const one = chosen.length === 1 ? chosen[0] : undefined;
  const problem = move.error && problemOf(move.error);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={one ? `Move ${one.label} to ${backend}` : `Move ${chosen.length} metrics to ${backend}`}
      footer={
        isOver ? (
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>{move.isPending ? "Close; it goes on" : "Leave it"}</Button>
            <Button
              type="submit"
              form={form}
              look="primary"
              disabled={move.isPending || (asksReason && accepting.length === 0)}
            >
              {move.isPending ? "Comparing…" : asksReason ? "Accept and move" : "Compare and move"}
            </Button>
          </>
        )
      }
    >
      <form
        id={form}
        className="grid gap-3.5"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {outcomes.size === 0 && (
          <p className="text-soft">
            {isAccepting
              ? `${backend} was found to differ. It is compared once more, then everyone's figures come from ${backend}, and the hallmark says that the difference was accepted, why and by whom.`
              : `${one ? "It is" : "Each is"} compared first, at every grain. What agrees is written into ${file} and moves for everyone at once; what does not stays where it is.`}
          </p>
        )}
        <ul aria-label="Metrics to move" aria-live="polite" className="grid">
          {chosen.map((route) => (
            <MovingLine
              key={route.metric_id}
              route={route}
              backend={backend}
              outcome={outcomes.get(route.metric_id)}
              isSending={move.isPending && move.variables.metricIds.includes(route.metric_id)}
              progress={underWay.find(
                (each) => each.metricId === route.metric_id && each.backend === backend,
              )}
              isAlone={one !== undefined}
              isAccepted={!excluded.has(route.metric_id)}
              onAccept={(accepted) =>
                setExcluded((held) => {
                  const next = new Set(held);
                  accepted ? next.delete(route.metric_id) : next.add(route.metric_id);
                  return next;
                })
              }
              onLeave={onClose}
            />
          ))}
        </ul>
        {there.length > 0 && (
          <p className="text-small text-faint">
            Served by {backend} already: {there.map((route) => route.label).join(", ")}.
          </p>
        )}
        {asksReason && (
          <label className="grid gap-1">
            <span className="text-small text-soft">Why the difference is accepted</span>
            <textarea
              required
              minLength={3}
              maxLength={500}
              rows={2}
              value={reason}
              onChange={(event) => setReason(event.target.value)}
              className={FIELD}
            />
          </label>
        )}
        {!isOver && signedIn === null && (
          <label className="grid gap-1">
            <span className="text-small text-soft">
              Your name{asksReason ? "" : ", for the history (may be left out)"}
            </span>
            <input
              required={asksReason}
              maxLength={LONGEST_NAME}
              autoComplete="name"
              value={name}
              onChange={(event) => {
                setName(event.target.value);
                setYourName(event.target.value);
              }}
              className={FIELD}
            />
          </label>
        )}
        {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      </form>
    </Dialog>
  );
}
