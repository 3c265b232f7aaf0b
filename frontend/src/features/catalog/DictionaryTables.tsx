import { Link } from "react-router";
import type { Dictionary, DictionaryTable } from "@/api/types";
import { paths } from "@/app/address";
import { nearest } from "@/question/nearest";
import { classes } from "@/ui/classes";
import { matches } from "@/ui/matches";
import { SearchField } from "@/ui/SearchField";
import { TableDetail } from "./TableDetail";

interface DictionaryTablesProps {
  dictionary: Dictionary;
  picked: string | null;
  search: string;
  onSearch: (search: string) => void;
}

const nameOf = (table: DictionaryTable) => `${table.schema}.${table.table}`;

/** How many columns a search finds in a table that it does not find by the table's own words. */
const columnsFound = (table: DictionaryTable, search: string) =>
  search === ""
    ? 0
    : table.columns.filter((column) => matches(search, column.name, column.description)).length;

export function DictionaryTables({ dictionary, picked, search, onSearch }: DictionaryTablesProps) {
  const found = dictionary.tables
    .map((table) => ({ table, hits: columnsFound(table, search) }))
    .filter(({ table, hits }) => hits > 0 || matches(search, nameOf(table), table.description));
  const open = dictionary.tables.find((table) => nameOf(table) === picked);
  const near = open || picked === null ? null : nearest(picked, dictionary.tables.map(nameOf));
  const shown = open ?? (picked === null ? found[0]?.table : undefined);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[21.538rem_minmax(0,1fr)]">
      <section
        aria-label="Tables"
        className={classes(
          "grid-cols-[minmax(0,1fr)] content-start gap-3",
          picked === null ? "grid" : "hidden lg:grid",
        )}
      >
        <SearchField label="Search tables and columns" value={search} onChange={onSearch} />
        <p role="status" className="sr-only">
          {found.length} tables found
        </p>
        {found.length === 0 && <p className="py-6 text-center text-soft">Nothing is called “{search}”.</p>}
        {dictionary.schemas.map((schema) => {
          const tables = found.filter(({ table }) => table.schema === schema);
          if (tables.length === 0) return null;
          return (
            <div key={schema}>
              <h2 className="mb-1 text-small text-faint">{schema}</h2>
              <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
                {tables.map(({ table, hits }) => (
                  <li key={table.table} className="border-line border-b last:border-b-0">
                    <Link
                      to={paths.dictionary(nameOf(table))}
                      aria-current={table === shown ? "page" : undefined}
                      className="flex justify-between gap-3 px-3 py-1.5 -outline-offset-2 hover:bg-sunken lg:aria-[current]:bg-accent-soft"
                    >
                      <span className="min-w-0 truncate">{table.table}</span>
                      <span className="shrink-0 text-mark text-faint">
                        {hits > 0 ? `${hits} found` : table.columns.length}
                      </span>
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </section>
      {shown && (
        <div className={open ? "min-w-0" : "hidden min-w-0 lg:block"}>
          <TableDetail key={nameOf(shown)} table={shown} joins={dictionary.joins} search={search} />
        </div>
      )}
      {!shown && picked !== null && (
        <p className="text-soft">
          The dictionary has no table <code className="font-mono [overflow-wrap:anywhere]">{picked}</code>.{" "}
          {near && (
            <>
              The nearest is{" "}
              <Link to={paths.dictionary(near)} className="text-accent underline underline-offset-2">
                {near}
              </Link>
              .{" "}
            </>
          )}
          <Link to={paths.dictionary()} className="text-accent underline underline-offset-2">
            All tables
          </Link>
        </p>
      )}
    </div>
  );
}
