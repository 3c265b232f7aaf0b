import { Plus } from "lucide-react";
import { Link } from "react-router";
import { useDrafts } from "@/api/drafts";
import { useWorkspace } from "@/api/workspace";
import { paths } from "@/app/address";
import { clockText } from "@/format/times";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { openWords } from "@/widgets/wordsPlace";
import { DraftReview } from "./DraftReview";

/** Drafts of metrics: made from words, judged by a person, and nobody's number before that. */
export function DraftsPage({ draftId }: { draftId: string | null }) {
  const drafts = useDrafts();
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const all = drafts.data ?? [];
  const named = all.find((each) => each.draft_id === draftId);
  const open = named ?? all[0];
  const isGone = draftId !== null && drafts.isSuccess && !drafts.isFetching && !named;
  return (
    <>
      <PageTop title="Drafts" description="Metrics that wait for their owner" />
      {isGone && (
        <p role="status" className="mb-4 rounded-lg bg-stale-soft px-3 py-2 text-label">
          There is no draft <code className="font-mono [overflow-wrap:anywhere]">{draftId}</code>: it was
          discarded, or never was.
        </p>
      )}
      {hasFailed(drafts) ? (
        <Failure of={drafts} />
      ) : !drafts.data ? (
        <LoadingLines label="Loading the drafts" />
      ) : !open ? (
        <div className="grid grid-cols-[minmax(0,1fr)] justify-items-center gap-3 py-16 text-center text-soft">
          <p>There is no draft. Where no metric says what you ask for, one can be drafted from your words.</p>
          <Button className="max-w-full whitespace-normal" onClick={() => openWords()}>
            <Plus className="size-3.5" aria-hidden />
            Say what you want to see
          </Button>
        </div>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[18.462rem_minmax(0,1fr)]">
          <nav aria-label="Drafts">
            <ul className="grid gap-1">
              {all.map((each) => (
                <li key={each.draft_id}>
                  <Link
                    to={paths.drafts(each.draft_id)}
                    aria-current={each === open ? "page" : undefined}
                    className={classes(
                      "grid rounded-lg border px-3 py-2 hover:border-line-strong",
                      each === open ? "border-line bg-surface" : "border-transparent",
                    )}
                  >
                    <span className="truncate font-medium">{each.metric.label}</span>
                    <span className="truncate text-small text-faint">
                      {each.accepted_by ? `accepted by ${each.accepted_by}` : "draft"} ·{" "}
                      {clockText(each.created_at, timezone)}
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <DraftReview key={open.draft_id} draft={open} />
        </div>
      )}
    </>
  );
}
