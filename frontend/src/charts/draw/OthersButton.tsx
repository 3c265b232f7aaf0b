import { fixed } from "@/format/numbers";
import type { Plan } from "../plan";

/** Whether the others of a chart are shown each by itself. */
export interface Opening {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
}

interface OthersButtonProps {
  plan: Plan;
  open: Opening | undefined;
  /** Of more than these only the largest are shown. */
  most?: number;
}

/** Opens the others of a chart, and closes them again. */
export function OthersButton({ plan, open, most }: OthersButtonProps) {
  if (!open || plan.folded === 0) return null;
  const count = fixed(plan.folded, 0);
  const isTooMany = most !== undefined && plan.folded > most;
  const opens = isTooMany
    ? `Show the largest ${fixed(most, 0)} of the ${count} others`
    : `Show each of the ${count} others`;
  return (
    <button
      type="button"
      aria-expanded={open.isOpen}
      onClick={() => open.setOpen(!open.isOpen)}
      className="self-start rounded text-mark text-soft underline underline-offset-2 hover:text-ink"
    >
      {open.isOpen ? "Show the largest alone" : opens}
    </button>
  );
}
