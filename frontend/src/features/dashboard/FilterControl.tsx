import { Filter as FilterIcon } from "lucide-react";
import { useId, useState } from "react";
import type { Filter, Metric } from "@/api/types";
import { useDimensionValues } from "@/api/values";
import { valueText } from "@/format/values";
import { humanName } from "@/format/words";
import { isNegative, oneOrMany } from "@/question/filters";
import { Button } from "@/ui/Button";
import { FIELD } from "@/ui/fields";
import { Popover } from "@/ui/Popover";
import type { PageFilters } from "./usePageFilters";

interface FilterControlProps {
  filters: PageFilters;
  /** The metrics of this dashboard's tiles: their dimensions are what it can be filtered by. */
  metrics: Metric[];
}

interface Filterable {
  name: string;
  label: string;
  metric: Metric;
  count: number;
}

/** Dimensions by how many of the tiles' metrics have them. */
function filterable(metrics: Metric[]): Filterable[] {
  const found = new Map<string, Filterable>();
  for (const metric of metrics) {
    for (const { name, label, type } of metric.dimensions) {
      if (type === "date" || type === "timestamp") continue;
      const held = found.get(name);
      if (held) held.count += 1;
      else found.set(name, { name, label: label || humanName(name), metric, count: 1 });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count || a.label.localeCompare(b.label));
}

/** One condition for every tile that has its dimension. */
export function FilterControl({ filters, metrics }: FilterControlProps) {
  const dimensions = filterable(metrics);
  const [isOpen, setOpen] = useState(false);
  if (dimensions.length === 0) return null;
  return (
    <Popover
      title="Filter this dashboard"
      open={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button aria-label="Filter">
          <FilterIcon className="size-3.5 text-soft" aria-hidden />
          <span className="hidden sm:inline">Filter</span>
        </Button>
      }
    >
      <FilterForm dimensions={dimensions} filters={filters} tileCount={metrics.length} />
    </Popover>
  );
}

interface FilterFormProps {
  dimensions: Filterable[];
  filters: PageFilters;
  tileCount: number;
}

const valuesOf = (own: Filter | undefined) => (own?.values ?? []).map(String);

function FilterForm({ dimensions, filters, tileCount }: FilterFormProps) {
  const id = useId();
  const [name, setName] = useState(filters.filters[0]?.dimension ?? dimensions[0]?.name ?? "");
  const dimension = dimensions.find((each) => each.name === name) ?? dimensions[0];
  const values = useDimensionValues(dimension?.metric, dimension?.name ?? "");
  const held = filters.filters.find((each) => each.dimension === dimension?.name);
  const picked = valuesOf(held);
  // Before a value is picked there is no condition that could hold which way it goes.
  const [wantsNot, setWantsNot] = useState(false);
  const isExcluding = (own: Filter | undefined) => (own ? isNegative(own.op) : wantsNot);
  const put = (change: (own: Filter | undefined) => Pick<Filter, "op" | "values">) => {
    if (!dimension) return;
    const { name } = dimension;
    filters.put((all) => {
      const others = all.filter((each) => each.dimension !== name);
      const next = change(all.find((each) => each.dimension === name));
      return next.values?.length ? [...others, { dimension: name, ...next }] : others;
    });
  };
  const toggle = (value: string, isOn: boolean) =>
    put((own) => {
      const others = valuesOf(own).filter((each) => each !== value);
      return oneOrMany(isOn ? [...others, value] : others, isExcluding(own));
    });
  return (
    <div className="mt-2 grid gap-2.5">
      <div className="grid grid-cols-[minmax(0,1fr)_auto] gap-2">
        <select
          aria-label="Dimension"
          className={FIELD}
          value={dimension?.name}
          onChange={(event) => setName(event.target.value)}
        >
          {dimensions.map((each) => (
            <option key={each.name} value={each.name}>
              {each.label}
            </option>
          ))}
        </select>
        <select
          aria-label="Condition"
          className={FIELD}
          value={isExcluding(held) ? "not" : "is"}
          onChange={(event) => {
            const isNot = event.target.value === "not";
            setWantsNot(isNot);
            put((own) => oneOrMany(valuesOf(own), isNot));
          }}
        >
          <option value="is">is</option>
          <option value="not">is not</option>
        </select>
      </div>
      <fieldset className="grid max-h-64 gap-0.5 overflow-y-auto">
        <legend className="sr-only">Values of {dimension?.label}</legend>
        {values.length === 0 && <p className="text-soft">No row has a value.</p>}
        {values.map((value) => (
          <label
            key={value}
            htmlFor={`${id}-${value}`}
            className="flex items-center gap-2 rounded-md px-1.5 py-1 hover:bg-sunken"
          >
            <input
              id={`${id}-${value}`}
              type="checkbox"
              className="size-3.5 accent-(--accent)"
              checked={picked.includes(value)}
              onChange={(event) => toggle(value, event.target.checked)}
            />
            <span className="min-w-0 truncate">{valueText(value)}</span>
          </label>
        ))}
      </fieldset>
      {dimension && (
        <p className="text-small text-faint">
          {dimension.count} of {tileCount} metrics here {dimension.count === 1 ? "has" : "have"} it; tiles of
          the others say that they are not filtered.
        </p>
      )}
    </div>
  );
}
