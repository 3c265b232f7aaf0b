import { useRows } from "@/api/rows";
import type { Cell, Question } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { NOTHING } from "@/format/numbers";
import { clockText } from "@/format/times";
import { CopyButton } from "@/ui/CopyButton";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/Dialog";
import { LoadingLines } from "@/ui/Skeleton";
import { Sql } from "@/ui/Sql";
import { Failure, hasFailed } from "@/widgets/Failure";
import { Parameters } from "@/widgets/Parameters";

export interface RowsAsked {
  metricId: string;
  label: string;
  question: Question;
}

/** The rows behind a number: what was counted, without what is personal, and the SQL that fetched it. */
export function RowsDialog({ asked, onClose }: { asked: RowsAsked; onClose: () => void }) {
  const rows = useRows(asked.metricId, asked.question);
  return (
    <Dialog open onClose={onClose} title={`Rows behind ${asked.label}`} large>
      <div className="min-h-0 flex-1 overflow-y-auto border-line border-t px-5 py-3">
        {hasFailed(rows) ? (
          <Failure of={rows} />
        ) : rows.data ? (
          <RowsTable data={rows.data} />
        ) : (
          <LoadingLines label="Loading the rows" lines={12} />
        )}
      </div>
    </Dialog>
  );
}

type Behind = NonNullable<ReturnType<typeof useRows>["data"]>;

function cellText(value: Cell | undefined, type: string, zone: string): string {
  if (value === null || value === undefined) return NOTHING;
  return type === "timestamp" ? clockText(String(value), zone) : String(value);
}

const isNumber = (type: string) => /^(decimal|double|integer|bigint|int|number)/.test(type);

function RowsTable({ data }: { data: Behind }) {
  const { provenance } = data;
  const zone = useWorkspace().data?.timezone ?? "UTC";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <p className="text-soft">
        {data.sentence} From {provenance.backend}, in {provenance.elapsed_ms.toFixed(0)} ms; personal columns
        are left out.
      </p>
      <details>
        <summary className="text-label text-accent select-none">The SQL that fetched them</summary>
        <div className="mt-2 grid gap-2">
          <Sql sql={provenance.sql} className="rounded-lg bg-sunken p-3" />
          <Parameters params={provenance.params} />
          <div>
            <CopyButton text={provenance.sql} label="Copy SQL" />
          </div>
        </div>
      </details>
      {data.rows.length === 0 ? (
        <p className="py-8 text-center text-faint">No rows in this window.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
        <section aria-label="Rows" tabIndex={0} className="overflow-x-auto">
          <table className="w-full border-collapse text-small whitespace-nowrap">
            <caption className="sr-only">{data.sentence}</caption>
            <thead>
              <tr className="border-line border-b text-left text-faint">
                {data.columns.map((column) => (
                  <th
                    key={column.name}
                    scope="col"
                    className={classes("py-1 pr-4 font-normal", isNumber(column.type) && "text-right")}
                  >
                    {column.label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {data.rows.map((row, rowIndex) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
                <tr key={rowIndex} className="border-line/70 border-b last:border-b-0">
                  {data.columns.map((column, index) => (
                    <td
                      key={column.name}
                      className={classes("py-1 pr-4", isNumber(column.type) && "text-right")}
                    >
                      {cellText(row[index], column.type, zone)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </div>
  );
}
