import { X } from "lucide-react";
import type { Metric } from "@/api/types";
import { dimensionLabel, filterText } from "@/question/filters";
import type { PageFilters } from "./usePageFilters";

/** The page's conditions as chips; each goes with a click. */
export function FilterChips({ filters, metrics }: { filters: PageFilters; metrics: Metric[] }) {
  if (filters.filters.length === 0) return null;
  return (
    <ul aria-label="Filters of this page" className="mb-3 flex flex-wrap gap-1.5">
      {filters.filters.map((filter) => {
        const text = `${dimensionLabel(filter.dimension, metrics)}: ${filterText(filter)}`;
        return (
          <li key={`${filter.dimension}:${filter.op}`}>
            <button
              type="button"
              title={`Remove ${text}`}
              onClick={() => filters.remove(filter.dimension)}
              className="inline-flex max-w-full items-center gap-1.5 rounded-full border border-accent bg-accent-soft py-0.5 pr-1.5 pl-2.5 text-label hover:border-ink"
            >
              <span className="sr-only">Remove </span>
              <span className="min-w-0 truncate">{text}</span>
              <X className="size-3.5 text-soft" aria-hidden />
            </button>
          </li>
        );
      })}
      {filters.filters.length > 1 && (
        <li>
          <button
            type="button"
            onClick={() => filters.put(() => [])}
            className="rounded-full px-2 py-0.5 text-label text-soft hover:text-ink"
          >
            Clear all
          </button>
        </li>
      )}
    </ul>
  );
}
