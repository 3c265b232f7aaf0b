import { useState } from "react";
import type { Route } from "@/api/types";
import { Button } from "@/ui/Button";
import { otherBackends } from "./RouteMenu";

interface SelectionBarProps {
  routes: Route[];
  onMove: (backend: string) => void;
  onClear: () => void;
}

/** What can be done with several metrics at once. Offered are the backends that at least one of them may move to. */
export function SelectionBar({ routes, onMove, onClear }: SelectionBarProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  if (routes.length === 0) return null;
  const counts = new Map<string, number>();
  for (const backend of routes.flatMap(otherBackends)) counts.set(backend, (counts.get(backend) ?? 0) + 1);
  const offered = [...counts].sort(([, a], [, b]) => b - a);
  const backend = chosen !== null && counts.has(chosen) ? chosen : (offered[0]?.[0] ?? null);
  return (
    <section
      aria-label="Selected metrics"
      className="sticky bottom-3 z-10 flex flex-wrap items-center gap-2.5 rounded-[11px] border border-line-strong bg-surface px-3.5 py-2.5 shadow-sheet"
    >
      <b role="status" className="font-medium">
        {routes.length} {routes.length === 1 ? "metric" : "metrics"} selected
      </b>
      {backend === null ? (
        <span className="text-soft">No other backend can serve any of them.</span>
      ) : (
        <>
          <label className="flex items-center gap-2 text-soft">
            Move to
            <select
              value={backend}
              onChange={(event) => setChosen(event.target.value)}
              className="rounded-[7px] border border-line bg-surface px-2 py-1 text-ink"
            >
              {offered.map(([name, count]) => (
                <option key={name} value={name}>
                  {name} ({count} of {routes.length} can)
                </option>
              ))}
            </select>
          </label>
          <Button look="primary" onClick={() => onMove(backend)}>
            Compare and move…
          </Button>
        </>
      )}
      <Button look="ghost" onClick={onClear} className="ml-auto">
        Clear
      </Button>
    </section>
  );
}
