import { ArrowLeft } from "lucide-react";
import { useMemo } from "react";
import { useCertificate } from "@/api/certificates";
import { useLastCompared } from "@/api/compareRoute";
import { useComparisonsUnderWay } from "@/api/comparing";
import { useMetrics } from "@/api/metrics";
import { problemOf } from "@/api/problem";
import { useRouteStory, useRoutes } from "@/api/routes";
import { useMay } from "@/api/session";
import type { Comparison, Metric, RouteStory } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { Failure } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { ChangeList } from "./ChangeList";
import { ComparisonList } from "./ComparisonList";
import { ComparisonPaper } from "./ComparisonPaper";
import { MoveDialog } from "./MoveDialog";
import { onlySeen } from "./offered";
import { PendingEdit } from "./PendingEdit";
import { ProgressLine } from "./ProgressLine";
import { RouteHead } from "./RouteHead";
import { ShadowStrip } from "./ShadowStrip";
import { type RouteActions, useRouteActions } from "./useRouteActions";
import { useRouteCommands } from "./useRouteCommands";
import { useRoutingPlace } from "./useRoutingPlace";

interface RouteStoryPageProps {
  /** Null where the address names a certificate alone: it is the certificate's metric then. */
  metricId: string | null;
  certificateId: string | null;
}

/** One route with its past: where it is served, the comparison laid out, shadow, changes. */
export function RouteStoryPage({ metricId, certificateId }: RouteStoryPageProps) {
  const { go } = useRoutingPlace();
  const certificate = useCertificate(certificateId);
  const ofMetric = metricId ?? certificate.data?.metric_id ?? null;
  const story = useRouteStory(ofMetric);
  const failed = ofMetric === null ? certificate : story;
  return (
    <>
      <PageTop
        title={story.data?.route.label ?? "Routing"}
        description={
          <button
            type="button"
            onClick={() => go({})}
            className="inline-flex items-center gap-1 text-soft underline-offset-2 hover:text-ink hover:underline"
          >
            <ArrowLeft className="size-3.5" aria-hidden />
            All routes
          </button>
        }
      />
      {story.data ? (
        <Story story={story.data} certificateId={certificateId} isPastKnown={!story.isPlaceholderData} />
      ) : failed.error ? (
        <Failure of={failed} />
      ) : (
        <LoadingLines label="Loading the route" lines={10} />
      )}
    </>
  );
}

interface StoryProps {
  story: RouteStory;
  certificateId: string | null;
  isPastKnown: boolean;
}

function Story({ story, certificateId, isPastKnown }: StoryProps) {
  const { comparisons, changes, shadows } = story;
  const mayMove = useMay("change_route");
  const route = useMemo(() => (mayMove ? story.route : onlySeen(story.route)), [mayMove, story.route]);
  const { actions, moving, stopMoving, isRollingBack } = useRouteActions();
  const file = useRoutes().data?.file ?? "config/metric_routing.yaml";
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const metric = useMetrics().data?.find((each) => each.metric_id === route.metric_id);
  useRouteCommands(route, actions);
  const shown = certificateId ?? comparisons[0]?.certificate_id ?? null;
  return (
    <div className="grid gap-3.5">
      <RouteHead route={route} file={file} actions={actions} isRollingBack={isRollingBack !== null} />
      {route.pending && <PendingEdit route={route} file={file} actions={actions} />}
      <UnderWay story={story} metric={metric} actions={actions} />
      {isPastKnown ? (
        <div className="grid items-start gap-3.5 xl:grid-cols-[minmax(0,1fr)_25.385rem]">
          <Shown
            certificateId={shown}
            known={comparisons}
            metric={metric}
            timezone={timezone}
            isOld={certificateId !== null && certificateId !== comparisons[0]?.certificate_id}
          />
          <div className="grid gap-3.5">
            <ShadowStrip route={route} shadows={shadows} timezone={timezone} />
            <ChangeList changes={changes} metricId={route.metric_id} timezone={timezone} />
            <ComparisonList comparisons={comparisons} shown={shown} timezone={timezone} />
          </div>
        </div>
      ) : (
        <LoadingLines label="Loading its comparisons" lines={8} />
      )}
      {moving && <MoveDialog moving={moving} routes={[route]} file={file} onClose={stopMoving} />}
    </div>
  );
}

interface UnderWayProps {
  story: RouteStory;
  metric: Metric | undefined;
  actions: RouteActions;
}

/** Comparisons that go on, and why the last one that was asked for here did not come to pass. */
function UnderWay({ story: { route }, metric, actions }: UnderWayProps) {
  const told = useComparisonsUnderWay(route.metric_id);
  const asked = useLastCompared(route.metric_id);
  const to = asked?.comparing?.to;
  const names = new Set(told.map((each) => each.backend));
  if (asked?.status === "pending" && to) names.add(to);
  if (names.size === 0) {
    if (asked?.status !== "error" || !to) return null;
    const { detail, mend } = problemOf(asked.error);
    return <Trouble sentence={detail} mend={mend} onRetry={() => actions.compare(route, to)} />;
  }
  return (
    <section
      aria-label="Comparisons under way"
      className="grid gap-2.5 rounded-[11px] border border-line bg-surface px-4 py-3"
    >
      {[...names].map((backend) => (
        <div key={backend} className="grid gap-1.5">
          <p role="status">
            Comparing {route.backend} with {backend}
          </p>
          <ProgressLine
            progress={told.find((each) => each.backend === backend)}
            metric={metric}
            label={`${route.label} with ${backend}`}
          />
        </div>
      ))}
    </section>
  );
}

interface ShownProps {
  certificateId: string | null;
  known: Comparison[];
  metric: Metric | undefined;
  timezone: string;
  isOld: boolean;
}

/** The comparison that the address names, or the newest. */
function Shown({ certificateId, known, metric, timezone, isOld }: ShownProps) {
  const held = known.find((each) => each.certificate_id === certificateId);
  const asked = useCertificate(held ? null : certificateId);
  const comparison = held ?? asked.data;
  if (comparison) {
    return (
      <ComparisonPaper
        key={comparison.certificate_id}
        comparison={comparison}
        metric={metric}
        timezone={timezone}
        isOld={isOld}
      />
    );
  }
  if (asked.error) return <Failure of={asked} />;
  if (certificateId) return <LoadingLines label="Loading the certificate" lines={8} />;
  return (
    <section className="grid gap-1.5 rounded-[11px] border border-line border-dashed px-4 py-8 text-center">
      <h2 className="text-said font-semibold">Never compared</h2>
      <p className="mx-auto max-w-[56ch] text-soft">
        A comparison asks both backends the same question at every grain: the total, each bucket of time, each
        dimension and pairs of them. What it finds is kept as a certificate. Choose a backend above.
      </p>
    </section>
  );
}
