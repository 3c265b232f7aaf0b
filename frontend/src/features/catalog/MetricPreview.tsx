import { useState } from "react";
import type { Metric } from "@/api/types";
import { WidgetPreview } from "@/widgets/WidgetPreview";
import { dimensionWidget, numberWidget, trendWidget } from "./previewWidgets";

/** What a metric says now: its number, its line, its parts. */
export function MetricPreview({ metric }: { metric: Metric }) {
  const [picked, setPicked] = useState<string | null>(null);
  const dimension = metric.dimensions.find((each) => each.name === picked) ?? metric.dimensions[0];
  const trend = trendWidget(metric);
  return (
    <section aria-label="Live preview" className="grid grid-cols-[minmax(0,1fr)] content-start gap-3">
      <div className="grid grid-cols-[minmax(0,1fr)] items-center gap-x-5 gap-y-3 sm:grid-cols-[23.077rem_minmax(0,1fr)]">
        <WidgetPreview widget={numberWidget(metric)} />
        <p className="max-w-[60ch] text-said">{metric.definition}</p>
      </div>
      {trend && <WidgetPreview widget={trend} />}
      {dimension && (
        <>
          {metric.dimensions.length > 1 && (
            <label className="flex items-center gap-2 justify-self-end text-soft">
              Split by
              <select
                value={dimension.name}
                onChange={(event) => setPicked(event.target.value)}
                className="rounded-[7px] border border-line bg-surface px-2 py-1 text-ink"
              >
                {metric.dimensions.map((each) => (
                  <option key={each.name} value={each.name}>
                    {each.label}
                  </option>
                ))}
              </select>
            </label>
          )}
          <WidgetPreview widget={dimensionWidget(metric, dimension)} />
        </>
      )}
    </section>
  );
}
