import { useCallback, useMemo } from "react";
import type { Cell, Filter } from "@/api/types";
import { useAddress } from "@/app/address";
import { filterOf, readFilters, writeFilters } from "@/question/filters";

export interface PageFilters {
  filters: Filter[];
  /** Changes what the address holds at that moment, not what was drawn: two changes in one turn both hold. */
  put: (change: (held: Filter[]) => Filter[]) => void;
  /** Filters by one value of a dimension; the same value again takes it away. */
  pick: (dimension: string, value: Cell) => void;
  remove: (dimension: string) => void;
}

const isSame = (one: Filter | undefined, other: Filter) =>
  one !== undefined && one.op === other.op && String(one.values ?? "") === String(other.values ?? "");

/** The page's conditions live in the URL: what is seen can be sent. */
export function usePageFilters(): PageFilters {
  const { search, rewrite } = useAddress();
  const written = writeFilters(new URLSearchParams(), readFilters(search)).toString();
  const filters = useMemo(() => readFilters(new URLSearchParams(written)), [written]);
  const put = useCallback<PageFilters["put"]>(
    (change) => rewrite((search) => writeFilters(search, change(readFilters(search)))),
    [rewrite],
  );
  const pick = useCallback(
    (dimension: string, value: Cell) => {
      const wanted = filterOf(dimension, value);
      put((held) => {
        const others = held.filter((each) => each.dimension !== dimension);
        const own = held.find((each) => each.dimension === dimension);
        return isSame(own, wanted) ? others : [...others, wanted];
      });
    },
    [put],
  );
  const remove = useCallback(
    (dimension: string) => put((held) => held.filter((each) => each.dimension !== dimension)),
    [put],
  );
  return useMemo(() => ({ filters, put, pick, remove }), [filters, put, pick, remove]);
}
