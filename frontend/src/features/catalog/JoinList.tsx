import { ArrowRight } from "lucide-react";
import type { Join } from "@/api/types";

const end = (table: string, columns: string[]) => columns.map((column) => `${table}.${column}`).join(", ");

/** Joins that SQL may make. Any other is refused by the gate. */
export function JoinList({ joins }: { joins: Join[] }) {
  if (joins.length === 0) return <p className="py-8 text-center text-soft">No join is approved.</p>;
  return (
    <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
      {joins.map((join) => (
        <li
          key={join.join_id}
          className="flex flex-wrap items-center gap-x-2.5 gap-y-0.5 border-line border-b px-3.5 py-1.5 last:border-b-0"
        >
          <code className="font-mono text-small [overflow-wrap:anywhere]">
            {end(join.from_table, join.from_columns)}
          </code>
          <ArrowRight className="size-3.5 shrink-0 text-faint" aria-label="to" />
          <code className="font-mono text-small [overflow-wrap:anywhere]">
            {end(join.to_table, join.to_columns)}
          </code>
          <span className="ml-auto text-small text-faint">{join.cardinality.replaceAll("_", " ")}</span>
        </li>
      ))}
    </ul>
  );
}
