import type { Recommendation } from "@/api/types";
import { numberOf } from "@/format/numbers";

/** The rules that spoke for the action, each with its weight in the score. */
export function Reasons({ reasons }: { reasons: Recommendation["reasons"] }) {
  const largest = Math.max(...reasons.map((each) => numberOf(each.weight) ?? 0), 0) || 1;
  return (
    <ul aria-label="Reasons" className="mt-2 grid gap-x-6 gap-y-1 text-small @[560px]:grid-cols-2">
      {reasons.map((reason) => (
        <li key={reason.code} title={reason.code} className="flex min-w-0 items-baseline gap-2">
          <span aria-hidden className="h-1 w-7 shrink-0 self-center rounded-full bg-sunken">
            <span
              className="block h-full rounded-full bg-accent"
              style={{ width: `${((numberOf(reason.weight) ?? 0) / largest) * 100}%` }}
            />
          </span>
          <span className="min-w-0 flex-1 text-soft [overflow-wrap:anywhere]">{reason.text}</span>
          <span className="shrink-0 text-faint">
            <span className="sr-only">weight </span>
            {numberOf(reason.weight)?.toFixed(1) ?? reason.weight}
          </span>
        </li>
      ))}
    </ul>
  );
}
