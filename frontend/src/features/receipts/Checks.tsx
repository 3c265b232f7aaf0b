import { Check } from "lucide-react";

/** What the gate made sure of before this SQL ran. */
export function Checks({ checks }: { checks: string[] }) {
  if (checks.length === 0) return null;
  return (
    <ul aria-label="Checks passed by the gate" className="grid grid-cols-2 gap-x-3 gap-y-1 text-soft">
      {checks.map((check) => (
        <li key={check} className="flex gap-1.5">
          <Check className="mt-0.5 size-3.5 shrink-0 text-good" strokeWidth={2.4} aria-hidden />
          {check}
        </li>
      ))}
    </ul>
  );
}
