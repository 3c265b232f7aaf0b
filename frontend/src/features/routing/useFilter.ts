import { useCallback, useMemo } from "react";
import { type Parameter, useAddress } from "@/app/address";
import { type Filter, STANDINGS } from "./filter";

const PARAMS: Record<keyof Filter, Parameter> = { search: "q", backend: "on", standing: "standing" };

/** The filter lives in the address: it survives the way to a metric and back. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const { search, write } = useAddress();
  const filter = useMemo<Filter>(() => {
    const standing = search.get(PARAMS.standing);
    return {
      search: search.get(PARAMS.search) ?? "",
      backend: search.get(PARAMS.backend),
      standing: STANDINGS.find((each) => each.value === standing)?.value ?? null,
    };
  }, [search]);
  const change = useCallback(
    (changed: Partial<Filter>) =>
      write(
        Object.fromEntries(
          Object.entries(changed).map(([name, value]) => [PARAMS[name as keyof Filter], value]),
        ),
        { replace: true },
      ),
    [write],
  );
  return [filter, change];
}
