import type { Metric } from "@/api/types";
import { AddressNote } from "@/widgets/AddressNote";
import type { PageFilters } from "./usePageFilters";

/** Conditions of the address on a dimension that no metric has. */
export function DimensionNotes({ filters, metrics }: { filters: PageFilters; metrics: Metric[] }) {
  if (metrics.length === 0) return null;
  const names = metrics.flatMap(({ dimensions }) =>
    dimensions.map(({ name, label }) => ({ value: name, label })),
  );
  const known = new Set(names.map(({ value }) => value));
  const wanted = new Set(
    filters.filters.map(({ dimension }) => dimension).filter((each) => !known.has(each)),
  );
  const rename = (from: string, to: string) =>
    filters.put((held) => held.map((each) => (each.dimension === from ? { ...each, dimension: to } : each)));
  return [...wanted].map((dimension) => (
    <AddressNote
      key={dimension}
      what="a condition on"
      wanted={dimension}
      instead="No tile is narrowed by it."
      names={names}
      onUse={(to) => rename(dimension, to)}
      onDrop={() => filters.remove(dimension)}
    />
  ));
}
