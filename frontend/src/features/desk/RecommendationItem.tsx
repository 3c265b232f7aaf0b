import { useEffect, useRef, useState } from "react";
import type { Recommendation } from "@/api/types";
import { classes } from "@/ui/classes";
import { UNNAMED, useYourName } from "@/ui/yourName";
import { DecidedLine } from "./DecidedLine";
import { DismissDialog } from "./DismissDialog";
import { OpenCard } from "./OpenCard";
import type { Outcome } from "./outcomes";
import { useDecision } from "./useDecision";

interface RecommendationItemProps {
  recommendation: Recommendation;
  isChosen: boolean;
  onChoose: () => void;
  onOutcome: (outcome: Outcome) => void;
}

/** One recommendation through its life: open with what can be decided, then a line with what was. */
export function RecommendationItem({
  recommendation,
  isChosen,
  onChoose,
  onOutcome,
}: RecommendationItemProps) {
  const by = useYourName() || UNNAMED;
  const [isDismissing, setDismissing] = useState(false);
  const item = useRef<HTMLLIElement>(null);
  const { decide, isPending } = useDecision(recommendation.recommendation_id, onOutcome);
  const actedHere = useRef(false);
  const isOpen = recommendation.state === "open";

  // The pressed button goes away with its state: focus moves on to what can be done next.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of state is what it follows.
  useEffect(() => {
    if (!actedHere.current || isPending) return;
    actedHere.current = false;
    item.current?.querySelector<HTMLElement>("[data-next]")?.focus();
  }, [recommendation.state, isPending]);

  const act = async (decision: Parameters<typeof decide>[0]) => {
    actedHere.current = true;
    onChoose();
    if ((await decide(decision)) === false) actedHere.current = false;
  };

  return (
    <li
      ref={item}
      className={classes(
        "rounded-[9px] border transition-[border-color,box-shadow]",
        isChosen ? "border-accent shadow-[0_0_0_3px_var(--accent-soft)]" : "border-line",
        isOpen ? "animate-[appear_240ms_ease-out] px-3.5 py-3" : "px-3.5 py-2",
      )}
    >
      {isOpen ? (
        <OpenCard
          recommendation={recommendation}
          isPending={isPending}
          onChoose={onChoose}
          onApprove={() => void act({ kind: "approve", by })}
          onDismiss={() => setDismissing(true)}
        />
      ) : (
        <DecidedLine
          recommendation={recommendation}
          isPending={isPending}
          onChoose={onChoose}
          onUndo={() => void act({ kind: "undo" })}
        />
      )}
      {isOpen && isDismissing && (
        <DismissDialog
          recommendation={recommendation}
          isPending={isPending}
          onClose={() => setDismissing(false)}
          onDismiss={(reason) => {
            setDismissing(false);
            void act({ kind: "dismiss", by, reason });
          }}
        />
      )}
    </li>
  );
}
