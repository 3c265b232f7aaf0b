import { RouteStoryPage } from "./RouteStoryPage";
import { RoutesPage } from "./RoutesPage";
import { useRoutingPlace } from "./useRoutingPlace";

/** Which engine computes which metric, how well that is proven, and moving one from here to there. */
export function RoutingPage() {
  const { metricId, certificateId } = useRoutingPlace();
  if (metricId === null && certificateId === null) return <RoutesPage />;
  return <RouteStoryPage key={metricId} metricId={metricId} certificateId={certificateId} />;
}
