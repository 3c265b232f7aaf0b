import type { Backend, Route } from "@/api/types";
import { classes } from "@/ui/classes";
import { SearchField } from "@/ui/SearchField";
import { found, hasStanding, type RouteFilter, STANDINGS, type StandingFilter } from "./filter";

interface RouteFiltersProps {
  routes: Route[];
  backends: Backend[];
  filter: RouteFilter;
  onChange: (change: Partial<RouteFilter>) => void;
}

/** Which routes are shown: by name, by the backend that serves, by how they stand. */
export function RouteFilters({ routes, backends, filter, onChange }: RouteFiltersProps) {
  const left = found(routes, filter);
  const chips: { value: StandingFilter | null; label: string; count: number }[] = [
    { value: null, label: "All", count: left.length },
    ...STANDINGS.map(({ value, label }) => ({
      value,
      label,
      count: left.filter((route) => hasStanding(route, value)).length,
    })),
  ];
  return (
    <search className="flex flex-wrap items-center gap-2.5">
      <div className="w-full sm:w-60">
        <SearchField
          label="Find a metric"
          value={filter.search}
          onChange={(search) => onChange({ search })}
        />
      </div>
      <label className="flex items-center gap-2">
        <span className="sr-only">Served by</span>
        <select
          value={filter.backend ?? ""}
          onChange={(event) => onChange({ backend: event.target.value || null })}
          className="rounded-[7px] border border-line bg-surface px-2 py-1.5"
        >
          <option value="">Every backend</option>
          {backends.map(({ name }) => (
            <option key={name} value={name}>
              Served by {name}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="flex flex-wrap gap-1">
        <legend className="sr-only">Standing</legend>
        {chips
          .filter(({ value, count }) => count > 0 || value === null || value === filter.standing)
          .map(({ value, label, count }) => (
            <button
              key={label}
              type="button"
              aria-pressed={filter.standing === value}
              onClick={() => onChange({ standing: filter.standing === value ? null : value })}
              className={classes(
                "inline-flex items-center gap-1.5 rounded-full border px-2.5 py-1 text-small transition-colors",
                filter.standing === value
                  ? "border-ink bg-ink text-bg"
                  : "border-line bg-surface text-soft hover:border-line-strong hover:text-ink",
              )}
            >
              {label}
              <span className={filter.standing === value ? "" : "text-faint"}>{count}</span>
            </button>
          ))}
      </fieldset>
    </search>
  );
}
