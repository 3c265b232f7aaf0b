import { useCallback } from "react";
import { useSearchParams } from "react-router";

/** What the desk looks at lives in the URL: a recommendation or a customer, and a state of the map. */
export function useDeskChoice() {
  const [search, setSearch] = useSearchParams();
  const set = useCallback(
    (changes: Record<string, string | null>) =>
      setSearch(
        (held) => {
          const next = new URLSearchParams(held);
          for (const [name, value] of Object.entries(changes)) {
            if (value === null) next.delete(name);
            else next.set(name, value);
          }
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return {
    caseId: search.get("case"),
    customerId: search.get("customer"),
    state: search.get("state"),
    chooseCase: useCallback((id: string) => set({ case: id, customer: null }), [set]),
    chooseCustomer: useCallback((id: string) => set({ customer: id, case: null }), [set]),
    chooseState: useCallback((state: string | null) => set({ state }), [set]),
  };
}
