import { useState } from "react";
import { useDictionary } from "@/api/dictionary";
import type { Dictionary } from "@/api/types";
import { several } from "@/format/numbers";
import { LoadingLines } from "@/ui/Skeleton";
import { Tabs } from "@/ui/Tabs";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { DictionaryTables } from "./DictionaryTables";
import { JoinList } from "./JoinList";
import { KpiList } from "./KpiList";

/** The tables, columns, joins and KPIs that definitions may speak of, and nothing else. */
export function DictionaryPage({ table }: { table: string | null }) {
  const dictionary = useDictionary();
  const [search, setSearch] = useState("");
  return (
    <>
      <PageTop title="Dictionary" description={dictionary.data ? countWords(dictionary.data) : undefined} />
      {hasFailed(dictionary) ? (
        <Failure of={dictionary} />
      ) : !dictionary.data ? (
        <LoadingLines label="Loading the dictionary" lines={12} />
      ) : (
        <Tabs
          label="Parts of the dictionary"
          items={[
            {
              id: "tables",
              label: "Tables",
              content: (
                <DictionaryTables
                  dictionary={dictionary.data}
                  picked={table}
                  search={search}
                  onSearch={setSearch}
                />
              ),
            },
            { id: "joins", label: "Joins", content: <JoinList joins={dictionary.data.joins} /> },
            { id: "kpis", label: "KPIs", content: <KpiList kpis={dictionary.data.kpis} /> },
          ]}
        />
      )}
    </>
  );
}

function countWords({ tables, joins, kpis }: Dictionary): string {
  const columns = tables.reduce((sum, table) => sum + table.columns.length, 0);
  return [
    several(tables.length, "table"),
    several(columns, "column"),
    several(joins.length, "join"),
    several(kpis.length, "KPI"),
  ].join(" · ");
}
