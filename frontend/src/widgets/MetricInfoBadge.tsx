import { Info } from "lucide-react";
import type { ReactElement } from "react";
import { Link } from "react-router";
import type { Metric } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { paths } from "@/app/address";
import { clockText } from "@/format/times";
import { windowLabel } from "@/format/windows";
import { IconButton } from "@/ui/Button";
import { Fact, Facts } from "@/ui/Facts";
import { Popover } from "@/ui/Popover";
import { BackendMark } from "./BackendMark";

interface MetricInfoBadgeProps {
  metric: Metric;
  /** What is clicked: a tile's title, say. An icon where nothing is given. */
  trigger?: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** What a metric means, one click from its number. */
export function MetricInfoBadge({ metric, trigger, ...control }: MetricInfoBadgeProps) {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  return (
    <Popover
      title={metric.label}
      {...control}
      trigger={
        trigger ?? (
          <IconButton label={`About ${metric.label}`}>
            <Info aria-hidden />
          </IconButton>
        )
      }
    >
      <p className="mt-1 mb-2.5 text-label text-soft">{metric.definition}</p>
      <div className="text-label">
        <Facts>
          <Fact name="Formula">
            <code className="font-mono text-mark">{metric.formula}</code>
          </Fact>
          {metric.filter && (
            <Fact name="Filter">
              <code className="font-mono text-mark">{metric.filter}</code>
            </Fact>
          )}
          <Fact name="Window">{metric.window ? windowLabel(metric.window) : "none: as it stands"}</Fact>
          <Fact name="Owner">{metric.owner}</Fact>
          <Fact name="Source">
            <BackendMark backend={metric.backend} driver={metric.driver} />
          </Fact>
          <Fact name={metric.source_tables.length > 1 ? "Tables" : "Table"}>
            {metric.source_tables.join(", ")}
          </Fact>
          <Fact name="Validated">
            {metric.last_validated_at
              ? `${clockText(metric.last_validated_at, timezone)} ${timezone}`
              : "not yet"}
          </Fact>
        </Facts>
      </div>
      <Link
        to={paths.catalog(metric.metric_id)}
        className="mt-3 inline-block text-label text-accent underline underline-offset-2"
      >
        Open in the catalog
      </Link>
    </Popover>
  );
}
