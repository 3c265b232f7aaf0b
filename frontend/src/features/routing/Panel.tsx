import type { ReactNode } from "react";

/** A titled box beside the comparison. */
export function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="rounded-[11px] border border-line bg-surface px-4 py-3">
      <h2 className="mb-2 text-body font-semibold">{title}</h2>
      {children}
    </section>
  );
}
