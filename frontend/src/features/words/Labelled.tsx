import { type ReactNode, useId } from "react";

export function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId();
  return (
    <div className="grid min-w-0 content-start gap-1">
      <label htmlFor={id} className="text-small text-soft">
        {label}
      </label>
      {children(id)}
    </div>
  );
}
