import { useProposals } from "@/api/proposals";
import { useWorkspace } from "@/api/workspace";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { ProposalCard } from "./ProposalCard";

/** What one person has proposed and another has to confirm, where the workspace asks for two. */
export function WaitingPage() {
  const proposals = useProposals();
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const all = proposals.data?.proposals ?? [];
  const waiting = all.filter((each) => each.state === "open");
  const decided = all.filter((each) => each.state !== "open");
  return (
    <>
      <PageTop title="Waiting" description="What takes effect once a second person confirms it" />
      {hasFailed(proposals) ? (
        <Failure of={proposals} />
      ) : !proposals.data ? (
        <LoadingLines label="Loading what waits" />
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
          {waiting.length === 0 ? (
            <p className="py-16 text-center text-soft">
              Nothing waits for a second person.
              {!proposals.data.four_eyes && (
                <>
                  {" "}
                  This workspace asks for none; to ask for one, set{" "}
                  <code className="font-mono text-mark whitespace-nowrap">four_eyes: true</code> in
                  assay.yaml.
                </>
              )}
            </p>
          ) : (
            <ul aria-label="Waiting" className="grid gap-3">
              {waiting.map((each) => (
                <ProposalCard key={each.proposal_id} proposal={each} timezone={timezone} />
              ))}
            </ul>
          )}
          {decided.length > 0 && (
            <section aria-label="Decided" className="grid gap-3">
              <h2 className="font-medium">Decided</h2>
              <ul className="grid gap-3">
                {decided.map((each) => (
                  <ProposalCard key={each.proposal_id} proposal={each} timezone={timezone} />
                ))}
              </ul>
            </section>
          )}
        </div>
      )}
    </>
  );
}
