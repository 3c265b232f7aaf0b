import { CircleAlert, Clock, LoaderCircle } from "lucide-react";
import { Link } from "react-router";
import { useMay } from "@/api/session";
import type { Route } from "@/api/types";
import { paths } from "@/app/address";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import type { RouteActions } from "./useRouteActions";

interface PendingEditProps {
  route: Route;
  file: string;
  actions: RouteActions;
}

const STATES = {
  comparing: { Icon: LoaderCircle, look: "text-accent motion-safe:animate-spin", words: "Comparing with" },
  waiting: { Icon: Clock, look: "text-accent", words: "To move to" },
  refused: { Icon: CircleAlert, look: "text-stale", words: "Not moved to" },
};

/** An edit of the routing file that is not in force: being compared, or refused, why, and what can be done about it. */
export function PendingEdit({ route, file, actions }: PendingEditProps) {
  const mayMove = useMay("change_route");
  const { pending } = route;
  if (!pending) return null;
  const isRefused = pending.state === "refused";
  const { Icon, look, words } = STATES[pending.state];
  const canCompare = route.choices.some((each) => each.backend === pending.backend && each.ok);
  return (
    <section
      aria-label={`The edit of ${route.label}`}
      className={classes(
        "grid gap-2 rounded-lg px-3 py-2 text-small",
        isRefused ? "bg-stale-soft" : "bg-sunken",
      )}
    >
      <p className="flex gap-2">
        <Icon className={classes("mt-0.5 size-3.5 shrink-0", look)} aria-hidden />
        <span className="[overflow-wrap:anywhere]">
          <b className="font-medium">{`${words} ${pending.backend}`}</b>
          {route.backend && `; ${route.backend} keeps serving. `}
          {pending.state !== "comparing" && <span>{`${pending.reason}. `}</span>}
          {pending.state === "waiting" && (
            <Link to={paths.waiting()} className="text-accent underline underline-offset-2">
              See what waits
            </Link>
          )}
          {pending.line !== null && (
            <code className="font-mono text-mark text-soft">
              {file}:{pending.line}
            </code>
          )}
        </span>
      </p>
      {isRefused && (
        <p className="flex flex-wrap gap-1.5">
          {pending.certificate_id && (
            <Link
              to={paths.routing({ metric: route.metric_id, certificate: pending.certificate_id })}
              className="inline-flex items-center rounded-[7px] border border-line bg-surface px-2.5 py-0.5 hover:border-line-strong"
            >
              See the difference
              <span className="sr-only"> of {route.label}</span>
            </Link>
          )}
          {mayMove && pending.certificate_id && (
            <Small
              onPress={() =>
                actions.move({ metricIds: [route.metric_id], backend: pending.backend, isAccepting: true })
              }
            >
              Accept it…
            </Small>
          )}
          {mayMove && canCompare && (
            <Small onPress={() => actions.compare(route, pending.backend)}>Compare again</Small>
          )}
          {mayMove && route.backend && (
            <Small onPress={() => actions.withdraw(route)}>Take the edit back</Small>
          )}
        </p>
      )}
    </section>
  );
}

function Small({ onPress, children }: { onPress: () => void; children: string }) {
  return (
    <Button onClick={onPress} className="py-0.5 text-small">
      {children}
    </Button>
  );
}
