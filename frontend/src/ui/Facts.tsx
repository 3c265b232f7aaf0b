import type { ReactNode } from "react";

/** A list of named facts, names in a narrow column. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[7.077rem_minmax(0,1fr)] gap-x-2 gap-y-1 max-[18rem]:grid-cols-[minmax(0,1fr)]">
      {children}
    </dl>
  );
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  );
}
