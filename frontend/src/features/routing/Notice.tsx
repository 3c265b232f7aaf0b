import { Check, TriangleAlert, X } from "lucide-react";
import { IconButton } from "@/ui/Button";
import { classes } from "@/ui/classes";

export interface Said {
  tone: "good" | "bad";
  text: string;
  mend: string | null;
}

/** What became of the last action, for eyes and ears. */
export function Notice({ said, onClose }: { said: Said | null; onClose: () => void }) {
  const isBad = said?.tone === "bad";
  const Icon = isBad ? TriangleAlert : Check;
  return (
    <div role="status" aria-label="What was done" className="empty:absolute">
      {said && (
        <div
          className={classes(
            "flex items-start gap-2.5 rounded-[11px] px-3.5 py-2 text-label",
            isBad ? "bg-bad-soft" : "border border-line bg-surface",
          )}
        >
          <Icon className={classes("mt-0.5 size-4 shrink-0", isBad ? "text-bad" : "text-good")} aria-hidden />
          <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">
            {said.text}
            {said.mend && <span className="text-soft"> {said.mend}</span>}
          </p>
          <IconButton label="Dismiss" onClick={onClose} className="-my-1 -mr-1.5">
            <X aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  );
}
