import { Link } from "react-router";
import { useDrafts } from "@/api/drafts";
import { problemOf } from "@/api/problem";
import { useWorkspace } from "@/api/workspace";
import { classes } from "@/ui/classes";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { clockText } from "@/ui/times";
import { PageTop } from "@/widgets/PageTop";
import { DraftReview } from "./DraftReview";

/** Drafts of metrics: made from words, judged by a person, and nobody's number before that. */
export function DraftsPage({ draftId }: { draftId: string | null }) {
  const drafts = useDrafts();
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const all = drafts.data ?? [];
  const open = all.find((each) => each.draft_id === draftId) ?? all[0];
  return (
    <>
      <PageTop title="Drafts" description="Metrics that wait for their owner" />
      {drafts.error ? (
        <Trouble
          sentence={problemOf(drafts.error).detail}
          mend={problemOf(drafts.error).mend}
          onRetry={() => void drafts.refetch()}
        />
      ) : !drafts.data ? (
        <LoadingLines label="Loading the drafts" />
      ) : !open ? (
        <p className="py-16 text-center text-soft">
          There is no draft. Where no metric says what is asked for, <em>Add widget</em> offers to draft one.
        </p>
      ) : (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-5 lg:grid-cols-[240px_minmax(0,1fr)]">
          <nav aria-label="Drafts">
            <ul className="grid gap-1">
              {all.map((each) => (
                <li key={each.draft_id}>
                  <Link
                    to={`/drafts/${each.draft_id}`}
                    aria-current={each === open ? "page" : undefined}
                    className={classes(
                      "grid rounded-lg border px-3 py-2 hover:border-line-strong",
                      each === open ? "border-line bg-surface" : "border-transparent",
                    )}
                  >
                    <span className="truncate font-medium">{each.metric.label}</span>
                    <span className="truncate text-[12px] text-faint">
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
