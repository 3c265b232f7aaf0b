import { Link } from "react-router";
import { useMetrics } from "@/api/metrics";
import { useMay } from "@/api/session";
import { paths } from "@/app/address";
import { nearest } from "@/question/nearest";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { MetricDetail } from "./MetricDetail";
import { MetricList } from "./MetricList";

/** The catalog: what every number means. A list; beside it, the metric that was picked. */
export function MetricsPage({ metricId }: { metricId: string | null }) {
  const metrics = useMetrics();
  const mayBegin = useMay("survey_database");
  const near = nearest(
    metricId ?? "",
    (metrics.data ?? []).map((each) => each.metric_id),
  );
  const metric = metrics.data?.find((each) => each.metric_id === metricId);
  return (
    <>
      <PageTop
        title={metric?.label ?? "Metrics"}
        description="What every number means, and where that is written."
      >
        {mayBegin && (
          <Link to={paths.begin()} className="text-small text-accent underline underline-offset-2">
            Add a database
          </Link>
        )}
      </PageTop>
      {hasFailed(metrics) ? (
        <Failure of={metrics} />
      ) : !metrics.data ? (
        <LoadingLines label="Loading the catalog" lines={12} />
      ) : metricId === null ? (
        <MetricList metrics={metrics.data} selected={null} />
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[20rem_minmax(0,1fr)]">
          <div className="hidden lg:block">
            <MetricList metrics={metrics.data} selected={metricId} narrow />
          </div>
          {metric ? (
            <MetricDetail key={metric.metric_id} metric={metric} />
          ) : (
            <p className="py-12 text-center text-soft">
              The catalog has no metric <code className="font-mono [overflow-wrap:anywhere]">{metricId}</code>
              . It may have been retired.{" "}
              {near && (
                <>
                  The nearest is{" "}
                  <Link to={paths.catalog(near)} className="text-accent underline underline-offset-2">
                    {near}
                  </Link>
                  .{" "}
                </>
              )}
              <Link to={paths.catalog()} className="text-accent underline underline-offset-2">
                All metrics
              </Link>
            </p>
          )}
        </div>
      )}
    </>
  );
}
