import type { ReactNode } from "react";
import type { Comparison } from "@/api/types";
import { clockText } from "@/format/times";
import { windowWords } from "@/format/windows";
import { CopyButton } from "@/ui/CopyButton";
import { Fact, Facts } from "@/ui/Facts";
import { BackendMark } from "@/widgets/BackendMark";
import { millisecondsText } from "./words";

/** What the certificate binds: should any of it move, the proof is out of date. */
export function BoundTable({ comparison, timezone }: { comparison: Comparison; timezone: string }) {
  const { sides, tolerance, question } = comparison;
  const rows: [string, (side: Comparison["sides"][number]) => ReactNode][] = [
    ["Statement", (side) => <Hash value={side.sql_hash} />],
    ["Columns", (side) => <Hash value={side.schema} />],
    ["Data version", (side) => <Hash value={side.data_version} />],
    ["Known by", (side) => (side.data_version_kind ?? "–").replace("_", " ")],
    ["Engine time", (side) => (side.engine_ms === null ? "–" : millisecondsText(side.engine_ms))],
  ];
  return (
    <section aria-label="What the certificate binds" className="grid gap-2.5">
      <h3 className="text-body font-semibold">What this binds</h3>
      <table className="w-full table-fixed border-collapse text-small">
        <caption className="sr-only">Both sides as they were when they were compared</caption>
        <thead>
          <tr className="border-line border-b text-left">
            <th className="w-[6.462rem] py-1 font-normal text-faint">
              <span className="sr-only">Of each side</span>
            </th>
            {sides.map((side) => (
              <th key={side.backend} scope="col" className="py-1 pr-2 font-normal">
                <BackendMark backend={side.backend} driver={side.driver} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, cell]) => (
            <tr key={name} className="border-line border-b align-top last:border-b-0">
              <th scope="row" className="py-1 text-left font-normal text-faint">
                {name}
              </th>
              {sides.map((side) => (
                <td key={side.backend} className="py-1 pr-2 [overflow-wrap:anywhere]">
                  {cell(side)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <div className="text-small">
        <Facts>
          <Fact name="Definition">
            <code className="font-mono text-mark">{comparison.formula}</code>
          </Fact>
          <Fact name="Its version">
            <Hash value={comparison.definition_version} />
          </Fact>
          <Fact name="Window">{windowWords(question.window, question.as_of)}</Fact>
          <Fact name="Tolerance">{toleranceWords(tolerance)}</Fact>
          <Fact name="Compared">
            {clockText(comparison.created_at, timezone)} {timezone}, in{" "}
            {millisecondsText(comparison.elapsed_ms)}
          </Fact>
          <Fact name="Certificate">
            <Hash value={comparison.certificate_id} />
          </Fact>
        </Facts>
      </div>
      <div>
        <CopyButton text={comparison.certificate_id} label="Copy its id" />
      </div>
    </section>
  );
}

function toleranceWords({ relative, absolute }: Comparison["tolerance"]): string {
  if (!relative && !absolute) return "none: exact";
  const parts = [
    absolute ? `${absolute}` : null,
    relative ? `${Number((relative * 100).toPrecision(3))}% of the value` : null,
  ].filter(Boolean);
  return parts.join(" or ");
}

function Hash({ value }: { value: string | null }) {
  if (value === null) return <span className="text-faint">not known</span>;
  return <code className="font-mono text-mark">{value}</code>;
}
