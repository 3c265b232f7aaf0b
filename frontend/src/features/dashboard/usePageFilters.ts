import { useCallback, useMemo } from "react";
import type { Cell, Filter } from "@/api/types";
import { useAddress } from "@/app/address";
import { filterOf, readFilters, writeFilters } from "@/question/filters";

export interface PageFilters {
  filters: Filter[];
  put: (filters: Filter[]) => void;
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
  const put = useCallback((next: Filter[]) => rewrite((held) => writeFilters(held, next)), [rewrite]);
  const pick = useCallback(
    (dimension: string, value: Cell) => {
      const wanted = filterOf(dimension, value);
      const others = filters.filter((each) => each.dimension !== dimension);
      const held = filters.find((each) => each.dimension === dimension);
      put(isSame(held, wanted) ? others : [...others, wanted]);
    },
    [filters, put],
  );
  const remove = useCallback(
    (dimension: string) => put(filters.filter((each) => each.dimension !== dimension)),
    [filters, put],
  );
  return { filters, put, pick, remove };
}
