import { fixed } from "@/format/numbers";
import type { Plan } from "../plan";

/** Whether the others of a chart are shown each by itself. */
export interface Opening {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
}

/** Opens the others of a chart, and closes them again. */
export function OthersButton({ plan, open }: { plan: Plan; open: Opening | undefined }) {
  if (!open || plan.folded === 0) return null;
  return (
    <button
      type="button"
      aria-expanded={open.isOpen}
      onClick={() => open.setOpen(!open.isOpen)}
      className="self-start rounded text-mark text-soft underline underline-offset-2 hover:text-ink"
    >
      {open.isOpen ? "Show the largest alone" : `Show each of the ${fixed(plan.folded, 0)} others`}
    </button>
  );
}
