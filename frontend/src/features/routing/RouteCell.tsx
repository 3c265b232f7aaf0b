import type { Progress } from "@/api/comparing";
import type { Backend, Metric, Route } from "@/api/types";
import { BackendSquare } from "@/widgets/BackendMark";
import { ProgressLine } from "./ProgressLine";
import { millisecondsText, STATE_WORDS } from "./words";

interface RouteCellProps {
  route: Route;
  metric: Metric | undefined;
  backend: string;
  /** Unknown where a route names a backend that the workspace has not. */
  state: Backend["state"] | undefined;
  progress: Progress | undefined;
  onCompare: (route: Route, to: string) => void;
}

/** One metric on one backend: served here, may be compared with it, or why not; and how long it last took there. */
export function RouteCell({ route, metric, backend, state, progress, onCompare }: RouteCellProps) {
  const choice = route.choices.find((each) => each.backend === backend);
  const latency = route.latencies.find((each) => each.backend === backend);
  const isComparing =
    progress !== undefined || (route.pending?.state === "comparing" && route.pending.backend === backend);
  if (isComparing) {
    return <ProgressLine progress={progress} metric={metric} label={`${route.label} with ${backend}`} />;
  }
  const took = latency && (
    <span
      className="text-mark whitespace-nowrap text-faint"
      title="the metric's total, as it was compared last"
    >
      {millisecondsText(latency.engine_ms)}
    </span>
  );
  if (route.backend === backend) {
    return (
      <span className="grid justify-items-start gap-0.5 max-md:justify-items-end">
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <span className="inline-flex items-center gap-1.5 font-medium">
            <BackendSquare driver={route.driver} />
            serves
          </span>
          {took}
        </span>
        {choice?.reason && (
          <span className="text-mark text-bad [overflow-wrap:anywhere]">{choice.reason}</span>
        )}
      </span>
    );
  }
  if (choice?.ok) {
    return (
      <span className="inline-flex flex-wrap items-center gap-x-1 max-md:flex-row-reverse max-md:gap-2">
        <button
          type="button"
          onClick={() => onCompare(route, backend)}
          className="-ml-2 rounded-md border border-transparent px-2 py-px text-small text-soft transition-colors hover:border-line-strong hover:bg-surface hover:text-ink max-md:ml-0 max-md:border-line"
        >
          Compare
          <span className="sr-only">
            {" "}
            {route.label} with {backend}
          </span>
        </button>
        {took}
      </span>
    );
  }
  const why = state && state !== "ready" ? STATE_WORDS[state] : (choice?.reason ?? "not offered");
  // What ails the whole backend is told once, above the table; here it is only in the way.
  return (
    <span className="block py-0.5 text-small text-faint" title={choice?.reason ?? why}>
      <span aria-hidden className="line-clamp-2 whitespace-normal">
        {state === "ready" ? why : "–"}
      </span>
      <span className="sr-only">{why}</span>
    </span>
  );
}
