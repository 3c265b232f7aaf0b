import { useState } from "react";
import type { Recommendation } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";

const SHORTEST = 3;
const LONGEST = 200;
const USUAL = ["The customer wants something else", "Already handled by phone", "The device is another one"];

interface DismissDialogProps {
  recommendation: Recommendation;
  isPending: boolean;
  onDismiss: (reason: string) => void;
  onClose: () => void;
}

/** A dismissal is kept with its reason, so one is asked for. */
export function DismissDialog({ recommendation, isPending, onDismiss, onClose }: DismissDialogProps) {
  const [reason, setReason] = useState("");
  const said = reason.trim();
  const isEnough = said.length >= SHORTEST;
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Dismiss “${recommendation.label}”?`}
      footer={
        <>
          <Button onClick={onClose}>Leave it open</Button>
          <Button look="primary" type="submit" form="dismiss" disabled={!isEnough || isPending}>
            {isPending ? "Dismissing…" : "Dismiss"}
          </Button>
        </>
      }
    >
      <form
        id="dismiss"
        className="grid gap-2.5"
        onSubmit={(event) => {
          event.preventDefault();
          if (isEnough) onDismiss(said);
        }}
      >
        <label className="grid gap-1">
          <span className="text-soft">Why? It is kept with the recommendation.</span>
          <textarea
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            rows={2}
            maxLength={LONGEST}
            className="w-full rounded-lg border border-line bg-bg px-2.5 py-1.5 outline-none focus:border-accent"
          />
        </label>
        <div className="flex flex-wrap gap-1.5">
          {USUAL.map((each) => (
            <Button key={each} className="text-small" onClick={() => setReason(each)}>
              {each}
            </Button>
          ))}
        </div>
      </form>
    </Dialog>
  );
}
