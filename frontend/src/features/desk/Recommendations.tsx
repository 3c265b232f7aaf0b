import { Info, TriangleAlert, X } from "lucide-react";
import { useState } from "react";
import { useConnection } from "@/api/LiveProvider";
import { useRecommendations } from "@/api/loop";
import type { Recommendation } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { ageText } from "@/format/times";
import { Button, IconButton } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { classes } from "@/ui/classes";
import { Panel } from "@/ui/Panel";
import { useNow } from "@/ui/useNow";
import { OperatorName } from "./OperatorName";
import type { Outcome } from "./outcomes";
import { RecommendationItem } from "./RecommendationItem";
import { Stand } from "./Stand";

const DECIDED_SHOWN = 5;

interface RecommendationsProps {
  chosenId: string | null;
  onChoose: (recommendationId: string) => void;
}

/** Open ones first, then what was decided lately. */
export function Recommendations({ chosenId, onChoose }: RecommendationsProps) {
  const read = useRecommendations();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const [isWhole, setWhole] = useState(false);
  const open = read.data?.filter((each) => each.state === "open") ?? [];
  const decided = read.data?.filter((each) => each.state !== "open") ?? [];
  const shown = [...open, ...(isWhole ? decided : decided.slice(0, DECIDED_SHOWN))];
  const rest = decided.length - DECIDED_SHOWN;
  return (
    <Panel
      title="Recommendations"
      note={
        read.data && (
          <>
            {open.length === 0 ? "none open" : `${open.length} open`}
            <NotLive readAt={read.dataUpdatedAt} />
          </>
        )
      }
      tools={<OperatorName />}
      className="@container"
    >
      <OutcomeLine outcome={outcome} onClose={() => setOutcome(null)} />
      <Stand read={read} loading="Loading recommendations" lines={7}>
        {() => (
          <>
            {open.length === 0 && <NothingOpen hasDecided={decided.length > 0} />}
            {shown.length > 0 && (
              <ul className="grid gap-2">
                {shown.map((each: Recommendation) => (
                  <RecommendationItem
                    key={each.recommendation_id}
                    recommendation={each}
                    isChosen={each.recommendation_id === chosenId}
                    onChoose={() => onChoose(each.recommendation_id)}
                    onOutcome={setOutcome}
                  />
                ))}
              </ul>
            )}
            {rest > 0 && (
              <Button look="ghost" className="mt-2 self-center" onClick={() => setWhole(!isWhole)}>
                {isWhole ? "Show the latest only" : `Show ${rest} earlier`}
              </Button>
            )}
          </>
        )}
      </Stand>
    </Panel>
  );
}

/** While the stream is away, the list is as old as its last reading, and says so. */
function NotLive({ readAt }: { readAt: number }) {
  const { state } = useConnection();
  const now = useNow();
  if (state === "live" || state === "connecting") return null;
  return <span className="text-stale">, as of {ageText((now - readAt) / 1000)} ago</span>;
}

/** What came of the last decision. The region is always there, so that readers hear what enters it. */
function OutcomeLine({ outcome, onClose }: { outcome: Outcome | null; onClose: () => void }) {
  const Icon = outcome?.isGood ? Info : TriangleAlert;
  return (
    <div role="status" aria-label="What came of the decision">
      {outcome && (
        <div
          className={classes(
            "mb-2 flex items-start gap-2 rounded-lg px-3 py-2 text-label",
            outcome.isGood ? "bg-sunken" : "bg-stale-soft",
          )}
        >
          <Icon
            className={classes("mt-0.5 size-4 shrink-0", outcome.isGood ? "text-soft" : "text-stale")}
            aria-hidden
          />
          <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">{outcome.text}</p>
          <IconButton label="Dismiss this note" onClick={onClose} className="-my-1 -mr-1.5">
            <X aria-hidden />
          </IconButton>
        </div>
      )}
    </div>
  );
}

const TRY = "assay demo scenario screen_damage";

function NothingOpen({ hasDecided }: { hasDecided: boolean }) {
  const isSynthetic = useWorkspace().data?.synthetic === true;
  return (
    <div
      className={classes("grid justify-items-center gap-2 text-center", hasDecided ? "pt-3 pb-5" : "py-10")}
    >
      <p className="text-said font-medium">No open recommendations</p>
      <p className="max-w-[46ch] text-soft">
        An event that the rules find something to do about appears here by itself.
        {isSynthetic && " To see one, play a scenario:"}
      </p>
      {isSynthetic && (
        <div className="flex flex-wrap items-center justify-center gap-2">
          <code className="rounded-md bg-sunken px-2.5 py-1 font-mono text-mark">{TRY}</code>
          <CopyButton text={TRY} label="Copy" />
        </div>
      )}
    </div>
  );
}
