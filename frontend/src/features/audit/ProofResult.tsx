import type { useAuditProof } from "@/api/audit";
import { problemOf } from "@/api/problem";
import { fixed } from "@/format/numbers";
import { Trouble } from "@/ui/Trouble";

type Proof = ReturnType<typeof useAuditProof>;

/** Whether both logs are as they were written, and up to where that is known. */
export function ProofResult({ proof: { data, error } }: { proof: Proof }) {
  const problem = error && problemOf(error);
  const faults = data ? [...data.faults, ...data.receipts.faults] : [];
  return (
    <div role="status">
      {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      {data && (
        <div
          className={
            data.ok
              ? "mb-3 rounded-lg border border-line bg-surface px-3 py-2"
              : "mb-3 rounded-lg bg-bad-soft px-3 py-2 text-bad"
          }
        >
          <p className="font-medium">
            {data.ok
              ? `${fixed(data.entries, 0)} entries and ${fixed(data.receipts.entries, 0)} receipts are as they were written.`
              : "The log is not as it was written."}
          </p>
          {faults.length > 0 && (
            <ul className="mt-1 list-disc pl-5">
              {faults.map(({ sentence }) => (
                <li key={sentence} className="[overflow-wrap:anywhere]">
                  {sentence}
                </li>
              ))}
            </ul>
          )}
          <p className={data.ok ? "text-soft" : "mt-1"}>
            {data.left === null
              ? "No head has left the database yet: what is cut off at the end would not be missed."
              : `Entry ${data.left} was the last whose hash has left the database.`}
          </p>
        </div>
      )}
    </div>
  );
}
