import { ArrowLeft } from "lucide-react";
import { useState } from "react";
import { Link } from "react-router";
import { useReceipts } from "@/api/receipts";
import type { Metric } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { paths } from "@/app/address";
import { ageText, clockText } from "@/format/times";
import { windowLabel } from "@/format/windows";
import { hierarchyText } from "@/question/hierarchies";
import { Fact, Facts } from "@/ui/Facts";
import { shortId } from "@/ui/ids";
import { LoadingLines } from "@/ui/Skeleton";
import { BackendMark } from "@/widgets/BackendMark";
import { ReceiptList } from "@/widgets/ReceiptList";
import { MetricPreview } from "./MetricPreview";

const DIRECTIONS = {
  up_is_good: "up is good",
  down_is_good: "down is good",
  neutral: "neither way is better",
};

/** One metric, whole: meaning, formula, where it is written, what it says now, what it said before. */
export function MetricDetail({ metric }: { metric: Metric }) {
  return (
    <div className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-5">
      <Link
        to={paths.catalog()}
        className="inline-flex items-center gap-1 text-soft hover:text-ink lg:hidden"
      >
        <ArrowLeft className="size-3.5" aria-hidden />
        All metrics
      </Link>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5 xl:grid-cols-[minmax(0,1fr)_27.692rem]">
        <MetricPreview metric={metric} />
        <div className="grid content-start gap-3">
          <MetricFacts metric={metric} />
          <Dimensions metric={metric} />
        </div>
      </div>
      <RecentReceipts metricId={metric.metric_id} />
    </div>
  );
}

const Code = ({ children }: { children: string }) => (
  <code className="font-mono text-mark [overflow-wrap:anywhere]">{children}</code>
);

function MetricFacts({ metric }: { metric: Metric }) {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  return (
    <section aria-label="Definition" className="rounded-[11px] border border-line bg-surface px-4 py-3">
      <h2 className="mb-2 font-semibold">Definition</h2>
      <Facts>
        <Fact name="Metric id">
          <Code>{metric.metric_id}</Code>
        </Fact>
        <Fact name="Formula">
          <Code>{metric.formula}</Code>
        </Fact>
        {metric.filter && (
          <Fact name="Filter">
            <Code>{metric.filter}</Code>
          </Fact>
        )}
        {metric.time && (
          <Fact name="Time">
            <Code>{metric.time}</Code>
          </Fact>
        )}
        <Fact name="Window">{metric.window ? windowLabel(metric.window) : "none: as it stands"}</Fact>
        <Fact name="Unit">{metric.unit}</Fact>
        <Fact name="Direction">{DIRECTIONS[metric.direction]}</Fact>
        <Fact name="Owner">{metric.owner}</Fact>
        <Fact name="Served by">
          <BackendMark backend={metric.backend} driver={metric.driver} />
        </Fact>
        <Fact name="Tables">
          {metric.source_tables.map((table) => (
            <Link
              key={table}
              to={paths.dictionary(table)}
              className="mr-2 text-accent underline underline-offset-2"
            >
              {table}
            </Link>
          ))}
        </Fact>
        <Fact name="Refresh">every {ageText(metric.refresh_seconds)}</Fact>
        {metric.synonyms.length > 0 && (
          <Fact name="Also called">
            <Names names={metric.synonyms} />
          </Fact>
        )}
        <Fact name="Written in">
          <Code>{`${metric.file}:${metric.line}`}</Code>
        </Fact>
        <Fact name="Version">
          <span title={metric.definition_version}>{shortId(metric.definition_version)}</span>
        </Fact>
        <Fact name="Validated">
          {metric.last_validated_at
            ? `${clockText(metric.last_validated_at, timezone)} ${timezone}`
            : "not yet"}
        </Fact>
      </Facts>
    </section>
  );
}

const SHOWN_NAMES = 6;

/** The first names; the others, of which there may be many in several languages, when they are asked for. */
function Names({ names }: { names: string[] }) {
  const [isWhole, setWhole] = useState(false);
  const others = names.length - SHOWN_NAMES;
  if (isWhole || others <= 1) return names.join(", ");
  return (
    <>
      {names.slice(0, SHOWN_NAMES).join(", ")}{" "}
      <button
        type="button"
        onClick={() => setWhole(true)}
        className="text-accent underline underline-offset-2"
      >
        and {others} more
      </button>
    </>
  );
}

function Dimensions({ metric }: { metric: Metric }) {
  return (
    <section aria-label="Dimensions" className="rounded-[11px] border border-line bg-surface px-4 py-3">
      <h2 className="mb-2 font-semibold">Dimensions</h2>
      {metric.dimensions.length === 0 && <p className="text-soft">It is not split by anything.</p>}
      <ul className="grid gap-1.5">
        {metric.dimensions.map((dimension) => (
          <li key={dimension.name} className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3">
            <span>{dimension.label}</span>
            <span className="text-small text-faint">{dimension.type}</span>
            <span className="col-span-2 text-soft">
              <Code>{`${dimension.table}.${dimension.name}`}</Code>
            </span>
          </li>
        ))}
      </ul>
      {metric.hierarchies?.map((each) => (
        <p key={each.name} className="mt-2 text-soft">
          {hierarchyText(each, [metric])}
        </p>
      ))}
    </section>
  );
}

function RecentReceipts({ metricId }: { metricId: string }) {
  const receipts = useReceipts(metricId, 10);
  const lines = receipts.data?.pages[0]?.receipts ?? [];
  return (
    <section aria-label="Latest receipts" className="grid gap-2">
      <div className="flex items-baseline justify-between">
        <h2 className="font-semibold">Latest receipts</h2>
        <Link to={paths.receipts(metricId)} className="text-accent underline underline-offset-2">
          All of them
        </Link>
      </div>
      {receipts.isPending ? (
        <LoadingLines label="Loading receipts" lines={4} />
      ) : lines.length === 0 ? (
        <p className="text-soft">None yet. One is written with every answer.</p>
      ) : (
        <ReceiptList lines={lines} />
      )}
    </section>
  );
}
