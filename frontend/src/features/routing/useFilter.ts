import { useCallback, useMemo } from "react";
import { type Parameter, useAddress } from "@/app/address";
import { type RouteFilter, STANDINGS } from "./filter";

const PARAMS: Record<keyof RouteFilter, Parameter> = { search: "q", backend: "on", standing: "standing" };

/** The filter lives in the address: it survives the way to a metric and back. */
export function useFilter(): [RouteFilter, (change: Partial<RouteFilter>) => void] {
  const { search, write } = useAddress();
  const filter = useMemo<RouteFilter>(() => {
    const standing = search.get(PARAMS.standing);
    return {
      search: search.get(PARAMS.search) ?? "",
      backend: search.get(PARAMS.backend),
      standing: STANDINGS.find((each) => each.value === standing)?.value ?? null,
    };
  }, [search]);
  const change = useCallback(
    (changed: Partial<RouteFilter>) =>
      write(
        Object.fromEntries(
          Object.entries(changed).map(([name, value]) => [PARAMS[name as keyof RouteFilter], value]),
        ),
        { replace: true },
      ),
    [write],
  );
  return [filter, change];
}
