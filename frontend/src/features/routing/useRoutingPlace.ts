import { useCallback } from "react";
import { useAddress } from "@/app/address";

interface Place {
  metric?: string;
  certificate?: string;
}

/** Which metric and which of its certificates is looked at lives in the address, so that it can be linked to. */
export function useRoutingPlace() {
  const { get, write } = useAddress();
  const go = useCallback(
    ({ metric, certificate }: Place) => write({ metric: metric ?? null, certificate: certificate ?? null }),
    [write],
  );
  return { metricId: get("metric"), certificateId: get("certificate"), go };
}
