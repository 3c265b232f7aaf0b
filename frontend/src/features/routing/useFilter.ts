import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import { type Filter, STANDINGS } from "./filter";

const PARAMS: Record<keyof Filter, string> = { search: "q", backend: "on", standing: "standing" };

/** The filter lives in the address: it survives the way to a metric and back. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [params, setParams] = useSearchParams();
  const filter = useMemo<Filter>(() => {
    const standing = params.get(PARAMS.standing);
    return {
      search: params.get(PARAMS.search) ?? "",
      backend: params.get(PARAMS.backend),
      standing: STANDINGS.find((each) => each.value === standing)?.value ?? null,
    };
  }, [params]);
  const change = useCallback(
    (changed: Partial<Filter>) =>
      setParams(
        (held) => {
          const next = new URLSearchParams(held);
          for (const [name, value] of Object.entries(changed)) {
            const param = PARAMS[name as keyof Filter];
            if (value) next.set(param, value);
            else next.delete(param);
          }
          return next;
        },
        { replace: true },
      ),
    [setParams],
  );
  return [filter, change];
}
