import type { Backend, Route } from "@/api/types";
import { BackendSquare } from "@/widgets/BackendMark";
import { STATE_WORDS } from "./stateWords";

interface RouteCellProps {
  route: Route;
  backend: string;
  /** Unknown where a route names a backend that the workspace has not. */
  state: Backend["state"] | undefined;
  onMove: (route: Route, backend: string) => void;
}

/** One metric on one backend: served here, may move here, or why not. */
export function RouteCell({ route, backend, state, onMove }: RouteCellProps) {
  if (route.backend === backend) {
    return (
      <span className="inline-flex items-center gap-1.5 py-0.5 font-medium">
        <BackendSquare driver={route.driver} />
        serves
      </span>
    );
  }
  const choice = route.choices.find((each) => each.backend === backend);
  if (choice?.ok) {
    return (
      <button
        type="button"
        onClick={() => onMove(route, backend)}
        className="rounded-md border border-line px-2 py-0.5 text-[12px] text-soft hover:border-line-strong hover:text-ink"
      >
        Move here
        <span className="sr-only">
          {" "}
          for {route.label}, to {backend}
        </span>
      </button>
    );
  }
  // What ails the whole backend is told once, above the table.
  const ails = state && state !== "ready" ? STATE_WORDS[state] : null;
  return (
    <span
      className="block max-w-48 py-0.5 text-[12px] text-faint [overflow-wrap:anywhere]"
      title={choice?.reason ?? undefined}
    >
      {ails ?? choice?.reason ?? "not offered"}
    </span>
  );
}
