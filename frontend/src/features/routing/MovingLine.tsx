import { ArrowRight, Check, CircleAlert, Clock } from "lucide-react";
import { Link } from "react-router";
import { useCertificate } from "@/api/certificates";
import type { Progress } from "@/api/comparing";
import { useMetrics } from "@/api/metrics";
import type { Route, RouteOutcome } from "@/api/types";
import { paths } from "@/app/address";
import { BackendMark } from "@/widgets/BackendMark";
import { ExplainedGap } from "./ExplainedGap";
import { ProgressLine } from "./ProgressLine";
import { verdictSentence } from "./words";

interface MovingLineProps {
  route: Route;
  backend: string;
  outcome: RouteOutcome | undefined;
  isSending: boolean;
  progress: Progress | undefined;
  /** Of one metric the difference is laid out in the dialog itself. */
  isAlone: boolean;
  isAccepted: boolean;
  onAccept: (accepted: boolean) => void;
  onLeave: () => void;
}

/** One metric of a move: from where to where, how its comparison goes, and what became of it. */
export function MovingLine(props: MovingLineProps) {
  const { route, backend, outcome, isSending, progress, isAlone, isAccepted, onAccept } = props;
  const choice = route.choices.find((each) => each.backend === backend);
  const refused = outcome && !outcome.flipped ? outcome : undefined;
  return (
    <li className="grid gap-1.5 border-line border-b py-2 first:pt-0 last:border-b-0">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        {refused?.certificate_id && !isAlone && (
          <input
            type="checkbox"
            aria-label={`Accept the difference of ${route.label}`}
            checked={isAccepted}
            onChange={(event) => onAccept(event.target.checked)}
            className="size-3.5 accent-(--accent)"
          />
        )}
        <b className="font-medium">{route.label}</b>
        <span className="ml-auto inline-flex items-center gap-1.5 text-small text-soft">
          <BackendMark backend={route.backend} driver={route.driver} />
          <ArrowRight className="size-3.5 text-faint" aria-label="to" />
          <BackendMark backend={backend} driver={choice?.driver ?? null} />
        </span>
      </div>
      {isSending ? (
        <ProgressLine
          progress={progress}
          label={`${route.label} with ${backend}`}
          before={isAlone ? "comparing…" : "waiting for its turn, or done"}
        />
      ) : outcome ? (
        <Became outcome={outcome} />
      ) : (
        choice && !choice.ok && <p className="text-small text-stale">It will stay: {choice.reason}.</p>
      )}
      {refused?.certificate_id && !isSending && (
        <Difference
          certificateId={refused.certificate_id}
          metricId={route.metric_id}
          isLaidOut={isAlone}
          onLeave={props.onLeave}
        />
      )}
    </li>
  );
}

const BECAME = {
  moved: { Icon: Check, look: "text-good", words: "Moved" },
  proposed: { Icon: Clock, look: "text-accent", words: "Proposed" },
  stays: { Icon: CircleAlert, look: "text-bad", words: "Stays where it is" },
};

function Became({ outcome }: { outcome: RouteOutcome }) {
  const { Icon, look, words } =
    BECAME[outcome.flipped ? "moved" : outcome.proposal_id ? "proposed" : "stays"];
  return (
    <p className="flex gap-1.5 text-label">
      <Icon aria-hidden className={`mt-0.5 size-3.5 shrink-0 ${look}`} />
      <span className="[overflow-wrap:anywhere]">
        <b className="font-medium">{words}</b>
        <span className="text-soft">
          : {outcome.reason}.
          {!outcome.flipped && !outcome.certificate_id && outcome.mend && ` ${outcome.mend}`}
        </span>
      </span>
    </p>
  );
}

interface DifferenceProps {
  certificateId: string;
  metricId: string;
  isLaidOut: boolean;
  onLeave: () => void;
}

function Difference({ certificateId, metricId, isLaidOut, onLeave }: DifferenceProps) {
  const certificate = useCertificate(certificateId).data;
  const metric = useMetrics().data?.find((each) => each.metric_id === metricId);
  return (
    <div className="grid gap-2">
      {isLaidOut && certificate && (
        <>
          <p className="sr-only">{verdictSentence(certificate, metric?.unit ?? null)}</p>
          <ExplainedGap comparison={certificate} metric={metric} />
        </>
      )}
      <Link
        to={paths.routing({ metric: metricId, certificate: certificateId })}
        onClick={onLeave}
        className="justify-self-start text-label text-accent underline underline-offset-2"
      >
        See the whole difference
      </Link>
    </div>
  );
}
