import { useState } from "react";
import { Link } from "react-router";
import type { Metric } from "@/api/types";
import { paths } from "@/app/address";
import { windowLabel } from "@/format/windows";
import { classes } from "@/ui/classes";
import { matches } from "@/ui/matches";
import { SearchField } from "@/ui/SearchField";
import { BackendMark } from "@/widgets/BackendMark";

interface MetricListProps {
  metrics: Metric[];
  selected: string | null;
  /** Beside a detail: names only. */
  narrow?: boolean;
}

export function MetricList({ metrics, selected, narrow = false }: MetricListProps) {
  const [search, setSearch] = useState("");
  const found = metrics.filter((metric) =>
    matches(search, metric.label, metric.metric_id, metric.definition, metric.owner, ...metric.synonyms),
  );
  return (
    <section aria-label="Catalog" className="grid content-start gap-3">
      <div className={narrow ? "" : "max-w-md"}>
        <SearchField label="Search metrics" value={search} onChange={setSearch} />
      </div>
      <p className="sr-only" role="status">
        {found.length} of {metrics.length} metrics
      </p>
      {found.length === 0 && (
        <p className="py-8 text-center text-soft">
          {metrics.length === 0 ? "The catalog has no metric yet." : `No metric matches “${search}”.`}
        </p>
      )}
      {found.length > 0 && (
        <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
          {found.map((metric) => (
            <li key={metric.metric_id} className="border-line border-b last:border-b-0">
              <Link
                to={paths.catalog(metric.metric_id)}
                aria-current={metric.metric_id === selected ? "page" : undefined}
                className={classes(
                  "grid gap-x-5 gap-y-0.5 px-3.5 py-2 -outline-offset-2 hover:bg-sunken aria-[current]:bg-accent-soft",
                  !narrow &&
                    "md:grid-cols-[minmax(0,1.1fr)_minmax(0,2fr)_11.538rem_9.231rem] md:items-baseline",
                )}
              >
                <span className="min-w-0">
                  <span className="font-medium">{metric.label}</span>
                  {!narrow && (
                    <code className="block truncate font-mono text-mark text-faint">{metric.metric_id}</code>
                  )}
                </span>
                {!narrow && <span className="line-clamp-2 text-soft">{metric.definition}</span>}
                {!narrow && (
                  <span className="hidden text-faint md:block">
                    {windowLabel(metric.window) || "as it stands"}
                  </span>
                )}
                <span className="text-small text-soft">
                  <BackendMark backend={metric.backend} driver={metric.driver} />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
