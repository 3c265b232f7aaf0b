import { useState } from "react";
import type { DictionaryKpi } from "@/api/types";
import { matches } from "@/ui/matches";
import { SearchField } from "@/ui/SearchField";
import { Sql } from "@/ui/Sql";

/** The KPIs as the dictionary writes them. */
export function KpiList({ kpis }: { kpis: DictionaryKpi[] }) {
  const [search, setSearch] = useState("");
  const found = kpis.filter((kpi) => matches(search, kpi.name, kpi.kpi_id, kpi.definition, kpi.base_table));
  return (
    <div className="grid gap-3">
      <div className="max-w-md">
        <SearchField label="Search KPIs" value={search} onChange={setSearch} />
      </div>
      {found.length === 0 && <p className="py-8 text-center text-soft">No KPI matches.</p>}
      <ul className="grid gap-3 xl:grid-cols-2">
        {found.map((kpi) => (
          <li
            key={kpi.kpi_id}
            className="grid min-w-0 content-start gap-1.5 rounded-[11px] border border-line bg-surface px-4 py-3"
          >
            <h2 className="flex justify-between gap-3 font-medium">
              {kpi.name}
              <span className="shrink-0 font-normal text-small text-faint">{kpi.unit}</span>
            </h2>
            <p className="text-soft">{kpi.definition}</p>
            <Sql sql={kpi.formula_sql} className="rounded-lg bg-sunken px-3 py-2" />
            <p className="text-small text-faint">
              over {kpi.base_table} · {kpi.kpi_id}
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}
