import { useId } from "react";
import { Link } from "react-router";
import { problemOf } from "@/api/problem";
import { useDecideProposal } from "@/api/proposals";
import { useMay } from "@/api/session";
import type { Proposal } from "@/api/types";
import { paths } from "@/app/address";
import { clockText } from "@/format/times";
import { capital } from "@/format/words";
import { Button } from "@/ui/Button";
import { DiffView } from "@/ui/DiffView";
import { Trouble } from "@/ui/Trouble";

interface ProposalCardProps {
  proposal: Proposal;
  timezone: string;
}

const LINK = "text-accent underline underline-offset-2";

/** One proposal: what would be done, who says so, what it stands on, and the two decisions. */
export function ProposalCard({ proposal, timezone }: ProposalCardProps) {
  const title = useId();
  const isOpen = proposal.state === "open";
  return (
    <li
      aria-labelledby={title}
      className="grid grid-cols-[minmax(0,1fr)] gap-2.5 rounded-[11px] border border-line bg-surface px-4 py-3"
    >
      <div className="grid gap-0.5">
        <h3 id={title} className="font-medium [overflow-wrap:anywhere]">
          {proposal.sentence}
        </h3>
        <p className="text-small text-soft [overflow-wrap:anywhere]">
          Proposed by {proposal.proposed_by}, {clockText(proposal.proposed_at, timezone)}.{" "}
          {isOpen ? missingText(proposal) : decidedText(proposal, timezone)}
        </p>
      </div>
      {proposal.kind === "route" && proposal.certificate_id && (
        <Link
          to={paths.routing({ metric: proposal.subject, certificate: proposal.certificate_id })}
          className={`justify-self-start text-small ${LINK}`}
        >
          See the comparison<span className="sr-only"> of {proposal.subject}</span>
        </Link>
      )}
      {proposal.kind === "draft" && isOpen && (
        <Link to={paths.drafts(proposal.subject)} className={`justify-self-start text-small ${LINK}`}>
          See the draft and what it answers
        </Link>
      )}
      {proposal.diff && (isOpen ? <DiffView diff={proposal.diff} /> : <Folded diff={proposal.diff} />)}
      {isOpen && <Decide proposal={proposal} described={title} />}
    </li>
  );
}

function Folded({ diff }: { diff: string }) {
  return (
    <details>
      <summary className="text-label text-accent select-none">What it says</summary>
      <DiffView diff={diff} />
    </details>
  );
}

function Decide({ proposal, described }: { proposal: Proposal; described: string }) {
  const deciding = useDecideProposal();
  const mayDecide = useMay("decline_proposed");
  const decide = (isConfirmed: boolean) => deciding.mutate({ proposalId: proposal.proposal_id, isConfirmed });
  const problem = deciding.error && problemOf(deciding.error);
  if (!mayDecide) return <p className="text-small text-soft">Confirming it needs the role steward.</p>;
  return (
    <>
      {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      <div className="flex flex-wrap items-center justify-end gap-2">
        {!proposal.may_confirm && (
          <p className="flex-1 text-small text-soft">Another person who is signed in has to confirm it.</p>
        )}
        <Button aria-describedby={described} disabled={deciding.isPending} onClick={() => decide(false)}>
          Decline
        </Button>
        {proposal.may_confirm && (
          <Button
            look="primary"
            aria-describedby={described}
            disabled={deciding.isPending}
            onClick={() => decide(true)}
          >
            {deciding.isPending && deciding.variables.isConfirmed ? "Confirming…" : "Confirm"}
          </Button>
        )}
      </div>
    </>
  );
}

const missingText = (proposal: Proposal) =>
  proposal.missing === 2 ? "Two persons have to confirm it." : "One more person has to confirm it.";

function decidedText({ state, decided_by, decided_at, reason }: Proposal, timezone: string) {
  const by = decided_by ? ` by ${decided_by}` : "";
  const at = decided_at ? `, ${clockText(decided_at, timezone)}` : "";
  return `${capital(state)}${by}${at}${reason ? `: ${reason}` : ""}.`;
}
