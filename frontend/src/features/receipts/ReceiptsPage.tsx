import { useMetrics } from "@/api/metrics";
import { useReceipts } from "@/api/receipts";
import { useAddress } from "@/app/address";
import { Button } from "@/ui/Button";
import { LoadingLines } from "@/ui/Skeleton";
import { ParameterNote } from "@/widgets/AddressNote";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { ReceiptList } from "@/widgets/ReceiptList";

/** Every answer given, latest first. */
export function ReceiptsPage() {
  const { get, write } = useAddress();
  const metricId = get("metric");
  const receipts = useReceipts(metricId);
  const metrics = useMetrics().data ?? [];
  const lines = receipts.data?.pages.flatMap((page) => page.receipts) ?? [];
  const choose = (next: string) => write({ metric: next });
  return (
    <>
      <PageTop title="Receipts" description="The stored, signed origin of every answer, latest first.">
        <label className="flex min-w-0 items-center gap-2">
          <span className="sr-only">Metric</span>
          <select
            value={metricId ?? ""}
            onChange={(event) => choose(event.target.value)}
            className="min-w-0 max-w-[min(14rem,100%)] rounded-[7px] border border-line bg-surface px-2 py-1"
          >
            <option value="">All metrics</option>
            {metrics.map((metric) => (
              <option key={metric.metric_id} value={metric.metric_id}>
                {metric.label}
              </option>
            ))}
          </select>
        </label>
      </PageTop>
      {metrics.length > 0 && (
        <ParameterNote
          parameter="metric"
          what="receipts of the metric"
          but="which the catalog does not have"
          instead="What was answered before it was retired is listed."
          names={metrics.map(({ metric_id, label }) => ({ value: metric_id, label }))}
          drop="Show all"
        />
      )}
      {hasFailed(receipts) ? (
        <Failure of={receipts} />
      ) : receipts.isPending ? (
        <LoadingLines label="Loading receipts" lines={12} />
      ) : lines.length === 0 ? (
        <p className="py-16 text-center text-soft">No receipt yet. One is written with every answer.</p>
      ) : (
        <>
          <ReceiptList lines={lines} withMetric />
          {receipts.hasNextPage && (
            <div className="mt-3 text-center">
              <Button onClick={() => void receipts.fetchNextPage()} disabled={receipts.isFetchingNextPage}>
                {receipts.isFetchingNextPage ? "Loading…" : "Show earlier receipts"}
              </Button>
            </div>
          )}
        </>
      )}
    </>
  );
}
