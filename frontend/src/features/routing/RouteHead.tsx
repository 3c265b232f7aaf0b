import { Undo2 } from "lucide-react";
import type { Route } from "@/api/types";
import { Button } from "@/ui/Button";
import { Age } from "@/widgets/Age";
import { BackendMark } from "@/widgets/BackendMark";
import { ParitySeal, parityWords } from "@/widgets/ParitySeal";
import type { RouteActions } from "./useRouteActions";
import { millisecondsText } from "./words";

interface RouteHeadProps {
  route: Route;
  file: string;
  actions: RouteActions;
  isRollingBack: boolean;
}

/** Where the metric is served, how that stands, and where else it may go. */
export function RouteHead({ route, file, actions, isRollingBack }: RouteHeadProps) {
  return (
    <section
      aria-label="Where it is served"
      className="grid gap-x-8 gap-y-4 rounded-[11px] border border-line bg-surface px-4 py-3.5 lg:grid-cols-[minmax(0,1fr)_minmax(0,1.35fr)]"
    >
      <div className="grid content-start gap-3">
        <div>
          <p className="text-small text-soft">Served by</p>
          <p className="text-title leading-tight font-semibold tracking-[-.02em]">
            <BackendMark backend={route.backend} driver={route.driver} />
          </p>
          <p className="text-small text-faint">
            <code className="font-mono text-mark">
              {file}
              {route.line === null ? "" : `:${route.line}`}
            </code>{" "}
            · epoch {route.epoch}
          </p>
        </div>
        <div className="flex items-start gap-2.5">
          <span aria-hidden className="empty:hidden">
            <ParitySeal parity={route.parity} large />
          </span>
          <div className="min-w-0">
            <p className="font-medium">
              {parityWords(route.parity)}
              {route.compared_at && (
                <span className="font-normal text-faint">
                  {" "}
                  · <Age at={route.compared_at} /> ago
                </span>
              )}
            </p>
            {route.parity.reason && (
              <p className="text-label text-soft [overflow-wrap:anywhere]">{route.parity.reason}</p>
            )}
          </div>
        </div>
        {route.previous && (
          <div>
            <Button onClick={() => actions.rollBack(route)} disabled={isRollingBack}>
              <Undo2 className="size-3.5" aria-hidden />
              {isRollingBack ? "Rolling back…" : `Roll back to ${route.previous}`}
            </Button>
          </div>
        )}
      </div>
      <ul aria-label="Backends of this metric" className="grid content-start">
        {route.choices.map((choice) => (
          <li
            key={choice.backend}
            className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b py-1.5 last:border-b-0"
          >
            <span className={route.backend === choice.backend ? "w-28 font-medium" : "w-28"}>
              <BackendMark backend={choice.backend} driver={choice.driver} />
            </span>
            <Latency route={route} backend={choice.backend} />
            {choice.ok && route.backend !== choice.backend ? (
              <span className="ml-auto flex gap-1.5">
                <Button onClick={() => actions.compare(route, choice.backend)} className="py-0.5">
                  Compare<span className="sr-only"> with {choice.backend}</span>
                </Button>
                <Button
                  onClick={() => actions.move({ metricIds: [route.metric_id], backend: choice.backend })}
                  className="py-0.5"
                >
                  Move here…<span className="sr-only"> to {choice.backend}</span>
                </Button>
              </span>
            ) : (
              <span className="ml-auto min-w-0 text-small text-faint [overflow-wrap:anywhere]">
                {choice.reason ?? "serves"}
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Latency({ route, backend }: { route: Route; backend: string }) {
  const found = route.latencies.find((each) => each.backend === backend);
  if (!found) return null;
  return (
    <span className="text-small text-soft" title="the metric's total, as it was compared last">
      {millisecondsText(found.engine_ms)}
    </span>
  );
}
