import { useState } from "react";
import { RouteStoryPage } from "./RouteStoryPage";
import { RoutesPage } from "./RoutesPage";
import { useRoutingPlace } from "./useRoutingPlace";

/** Which engine computes which metric, how well that is proven, and moving one from here to there. */
export function RoutingPage() {
  const { metricId, certificateId } = useRoutingPlace();
  // Here, so that it outlasts a look at one of them.
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  if (metricId === null && certificateId === null) {
    return <RoutesPage selected={selected} onSelect={setSelected} />;
  }
  return <RouteStoryPage key={metricId} metricId={metricId} certificateId={certificateId} />;
}
