import { useCallback } from "react";
import { useAddress } from "@/app/address";

const replace = { replace: true };

/** What the desk looks at lives in the URL: a recommendation or a customer, and a state of the map. */
export function useDeskChoice() {
  const { get, write } = useAddress();
  return {
    caseId: get("case"),
    customerId: get("customer"),
    state: get("state"),
    chooseCase: useCallback((id: string | null) => write({ case: id, customer: null }, replace), [write]),
    chooseCustomer: useCallback((id: string) => write({ customer: id, case: null }, replace), [write]),
    chooseState: useCallback((state: string | null) => write({ state }, replace), [write]),
  };
}
