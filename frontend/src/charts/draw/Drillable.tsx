import type { ReactNode } from "react";
import { classes } from "@/ui/classes";

interface DrillableProps {
  /** What a press does, in words. */
  label: string;
  onDrill: (() => void) | undefined;
  className?: string;
  children: ReactNode;
}

/** Something that leads further when there is further to go, and plain text where there is not. */
export function Drillable({ label, onDrill, className, children }: DrillableProps) {
  if (!onDrill) return <span className={className}>{children}</span>;
  return (
    <button
      type="button"
      title={label}
      onClick={onDrill}
      className={classes(className, "rounded underline-offset-2 hover:underline")}
    >
      {children}
    </button>
  );
}
