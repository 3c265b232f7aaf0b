import { CircleSlash, FilePlus2 } from "lucide-react";
import { useEffect, useRef } from "react";
import type { Nearest, RefusalEvent } from "@/api/clarifyEvents";
import { useMay } from "@/api/session";
import { Button } from "@/ui/Button";
import { Notes } from "./Notes";
import { useChoiceKeys } from "./useChoiceKeys";

interface RefusalProps {
  refusal: RefusalEvent;
  onNearest: (nearest: Nearest) => void;
  onDraft: () => void;
  isDrafting: boolean;
}

/** No, and why; and where one could go from here. */
export function Refusal({ refusal, onNearest, onDraft, isDrafting }: RefusalProps) {
  const onKeyDown = useChoiceKeys();
  const mayDraft = useMay("add_draft");
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.querySelector<HTMLElement>("[data-choice]")?.focus();
  }, []);
  return (
    <section
      ref={box}
      aria-label="Declined"
      className="grid gap-2.5 rounded-[11px] border border-line bg-bg p-3"
    >
      <p className="flex gap-2">
        <CircleSlash className="mt-0.5 size-4 shrink-0 text-stale" aria-hidden />
        <span className="min-w-0 [overflow-wrap:anywhere]">{refusal.reason}</span>
      </p>
      {refusal.nearest.length > 0 && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside take the keys; this only moves focus between them.
        <div className="flex flex-wrap gap-1.5" onKeyDown={onKeyDown}>
          {refusal.nearest.map((nearest, index) => (
            <button
              key={nearest.metric_id}
              type="button"
              data-choice
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => onNearest(nearest)}
              className="rounded-[8px] border border-line bg-surface px-2.5 py-1 hover:border-line-strong"
            >
              {nearest.label}
            </button>
          ))}
        </div>
      )}
      <Notes notes={refusal.notes} />
      {refusal.draft && mayDraft && (
        <div className="flex flex-wrap items-center gap-2 border-line border-t pt-2.5">
          <span className="min-w-0 flex-1 basis-48 text-label text-soft">
            The dictionary could express a new metric for this. A draft answers nobody until its owner accepts
            it.
          </span>
          <Button onClick={onDraft} disabled={isDrafting}>
            <FilePlus2 className="size-3.5 text-soft" aria-hidden />
            {isDrafting ? "Drafting…" : "Draft a new metric"}
          </Button>
        </div>
      )}
    </section>
  );
}
