import { useCallback } from "react";
import { useSearchParams } from "react-router";

const NAMES = ["metric", "certificate"] as const;
type Place = Partial<Record<(typeof NAMES)[number], string>>;

export const placeOf = (place: Place): string => `/routing?${new URLSearchParams(place)}`;

/** Which metric and which of its certificates is looked at lives in the address, so that it can be linked to. */
export function useRoutingPlace() {
  const [search, setSearch] = useSearchParams();
  const go = useCallback(
    (place: Place) =>
      setSearch((held) => {
        const next = new URLSearchParams(held);
        for (const name of NAMES) {
          const value = place[name];
          if (value) next.set(name, value);
          else next.delete(name);
        }
        return next;
      }),
    [setSearch],
  );
  return { metricId: search.get("metric"), certificateId: search.get("certificate"), go };
}
