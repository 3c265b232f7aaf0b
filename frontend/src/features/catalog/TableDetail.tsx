import { ArrowLeft, KeyRound, ShieldAlert } from "lucide-react";
import { Link } from "react-router";
import type { DictionaryColumn, DictionaryTable, Join } from "@/api/types";
import { paths } from "@/app/address";
import { Fact, Facts } from "@/ui/Facts";
import { matches } from "@/ui/matches";
import { JoinList } from "./JoinList";

interface TableDetailProps {
  table: DictionaryTable;
  joins: Join[];
  search: string;
}

/** One table: what a row of it is, its columns, and what it may be joined with. */
export function TableDetail({ table, joins, search }: TableDetailProps) {
  const name = `${table.schema}.${table.table}`;
  const ours = joins.filter((join) =>
    [join.from_table, join.to_table].some((each) => each === table.table || each === name),
  );
  const hits = table.columns.filter(
    (column) => search !== "" && matches(search, column.name, column.description),
  );
  return (
    <article className="grid content-start gap-4">
      <Link
        to={paths.dictionary()}
        className="inline-flex items-center gap-1 text-soft hover:text-ink lg:hidden"
      >
        <ArrowLeft className="size-3.5" aria-hidden />
        All tables
      </Link>
      <header className="grid gap-1">
        <h2 className="text-told font-semibold [overflow-wrap:anywhere]">{name}</h2>
        <p className="max-w-[75ch] text-soft">{table.description}</p>
      </header>
      <Facts>
        <Fact name="A row is">{table.grain}</Fact>
        <Fact name="Primary key">{table.primary_key.join(", ") || "none"}</Fact>
        <Fact name="Held by">{table.backends.join(", ") || "no backend"}</Fact>
      </Facts>
      <Columns columns={table.columns} found={new Set(hits)} primaryKey={table.primary_key} />
      {ours.length > 0 && (
        <section className="grid gap-2">
          <h3 className="font-semibold">Approved joins</h3>
          <JoinList joins={ours} />
        </section>
      )}
    </article>
  );
}

/** "schema.table.column": where a foreign key leads. */
function Reference({ to }: { to: string }) {
  const table = to.split(".", 2).join(".");
  return (
    <>
      {" "}
      <span aria-hidden>→ </span>
      <Link
        to={paths.dictionary(table)}
        className="text-faint underline decoration-line-strong/50 underline-offset-2 [overflow-wrap:anywhere] hover:text-ink"
      >
        <span className="sr-only">It refers to </span>
        {to}
      </Link>
    </>
  );
}

interface ColumnsProps {
  columns: DictionaryColumn[];
  found: Set<DictionaryColumn>;
  primaryKey: string[];
}

function Columns({ columns, found, primaryKey }: ColumnsProps) {
  return (
    <ul aria-label="Columns" className="overflow-hidden rounded-[11px] border border-line bg-surface">
      {columns.map((column) => (
        <li
          key={column.name}
          data-found={found.has(column) || undefined}
          className="grid gap-x-4 border-line border-b items-baseline px-3.5 py-1.5 last:border-b-0 data-found:bg-accent-soft md:grid-cols-[minmax(0,1.2fr)_13.846rem_minmax(0,2fr)]"
        >
          <span className="flex min-w-0 items-center gap-1.5">
            {primaryKey.includes(column.name) && (
              <KeyRound className="size-3.5 shrink-0 text-gold" aria-label="primary key" />
            )}
            <code className="font-mono text-small [overflow-wrap:anywhere]">{column.name}</code>
            {column.pii && (
              <span className="inline-flex shrink-0 items-center gap-1 rounded border border-current px-1 text-axis text-bad">
                <ShieldAlert className="size-3" aria-hidden />
                PII: {column.pii}
              </span>
            )}
          </span>
          <span className="text-small text-faint">
            {column.type}
            {column.role && ` · ${column.role}`}
          </span>
          <span className="min-w-0 text-soft">
            {column.description}
            {column.references && <Reference to={column.references} />}
          </span>
        </li>
      ))}
    </ul>
  );
}
