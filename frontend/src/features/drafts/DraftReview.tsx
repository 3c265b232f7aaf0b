import { type FormEvent, useState } from "react";
import { Link } from "react-router";
import { useAcceptDraft, useDiscardDraft, useDraftAnswer } from "@/api/drafts";
import { NO_METRICS } from "@/api/metrics";
import { problemOf } from "@/api/problem";
import { useMay } from "@/api/session";
import type { DraftedMetric } from "@/api/types";
import { paths } from "@/app/address";
import { AnswerTable } from "@/charts/draw/AnswerTable";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { DiffView } from "@/ui/DiffView";
import { FIELD } from "@/ui/fields";
import { LoadingLines } from "@/ui/Skeleton";
import { Sql } from "@/ui/Sql";
import { Trouble } from "@/ui/Trouble";
import { BackendMark } from "@/widgets/BackendMark";
import { Failure } from "@/widgets/Failure";
import { WidgetBody } from "@/widgets/WidgetBody";

/** One draft: what it would mean, what it would answer, what would be written, and the two decisions. */
export function DraftReview({ draft }: { draft: DraftedMetric }) {
  return (
    <article className="grid grid-cols-[minmax(0,1fr)] content-start gap-4">
      <header className="grid gap-1">
        <div className="flex flex-wrap items-center gap-2">
          <h2 className="text-told font-semibold">{draft.metric.label}</h2>
          <DraftMark draft={draft} />
        </div>
        <p>{draft.sentence}</p>
        {draft.words && <p className="text-label text-faint">Drafted from “{draft.words}”</p>}
      </header>
      {!draft.accepted_at && <Preview draftId={draft.draft_id} backend={draft.backend} />}
      {draft.joins.length > 0 && (
        <section aria-label="Joins">
          <h3 className="mb-1 font-medium">Joins that it takes</h3>
          <ul className="grid gap-0.5 text-label">
            {draft.joins.map((join) => (
              <li key={join.join_id}>
                <code className="font-mono text-mark">{join.join_id}</code> {join.from_table} →{" "}
                {join.to_table}
                <span className="text-faint"> {join.description}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="What would be written" className="grid gap-2">
        <div className="flex flex-wrap items-baseline justify-between gap-2">
          <h3 className="font-medium">
            {draft.accepted_at ? "Written to " : "Would be written to "}
            <code className="font-mono text-mark">{draft.file}</code>
          </h3>
          <CopyButton text={draft.yaml} label="Copy YAML" />
        </div>
        <DiffView diff={draft.diff || draft.yaml} />
      </section>
      {draft.accepted_at ? (
        <p className="text-soft">
          Accepted by {draft.accepted_by}. It answers as{" "}
          <Link to={paths.catalog(draft.metric.id)} className="text-accent underline underline-offset-2">
            {draft.metric.label}
          </Link>
          .
        </p>
      ) : draft.proposed_by ? (
        <p className="text-soft">
          {draft.proposed_by} has accepted it. It answers once a second person confirms that, under{" "}
          <Link to={paths.waiting()} className="text-accent underline underline-offset-2">
            Waiting
          </Link>
          .
        </p>
      ) : (
        <Decide draft={draft} />
      )}
    </article>
  );
}

function DraftMark({ draft }: { draft: DraftedMetric }) {
  return draft.accepted_at ? (
    <span className="rounded border border-good px-1.5 text-mark text-good">accepted</span>
  ) : (
    <span className="rounded border border-stale border-dashed px-1.5 text-mark text-stale">draft</span>
  );
}

function Preview({ draftId, backend }: { draftId: string; backend: string | null }) {
  const answer = useDraftAnswer(draftId);
  if (answer.error) return <Failure of={answer} />;
  if (!answer.data) return <LoadingLines label="Asking the draft" lines={3} />;
  const { provenance } = answer.data;
  return (
    <section
      aria-label="Preview of the draft"
      className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-[11px] border border-stale border-dashed bg-surface px-4 py-3"
    >
      {answer.data.rows.length === 1 ? (
        <WidgetBody
          widget={{ kind: "kpi", question: { metrics: answer.data.metrics } }}
          answer={answer.data}
          spark={undefined}
          metrics={NO_METRICS}
          label="What the draft answers"
        />
      ) : (
        <div className="bg-surface">
          <AnswerTable answer={answer.data} metrics={[]} caption="What the draft answers" exact />
        </div>
      )}
      <p className="flex flex-wrap items-center gap-2 text-small text-faint">
        <BackendMark backend={provenance.backend ?? backend} driver={provenance.driver} />
        <span className="font-medium text-stale">draft: nobody's number yet</span>
      </p>
      <details>
        <summary className="text-label text-accent select-none">Its SQL</summary>
        <Sql sql={provenance.sql} className="mt-2 rounded-lg bg-sunken p-3" />
      </details>
    </section>
  );
}

function Decide({ draft }: { draft: DraftedMetric }) {
  const [by, setBy] = useState("");
  const accepting = useAcceptDraft();
  const discarding = useDiscardDraft();
  const error = accepting.error ?? discarding.error;
  const isBusy = accepting.isPending || discarding.isPending;
  const mayAccept = useMay("accept_draft");
  const mayDiscard = useMay("drop_draft");
  const accept = (event: FormEvent) => {
    event.preventDefault();
    accepting.mutate({ draftId: draft.draft_id, by: by.trim() });
  };
  return (
    <form onSubmit={accept} className="grid gap-3 rounded-[11px] border border-line bg-surface px-4 py-3">
      {draft.problem && <p className="text-stale">{draft.problem}</p>}
      {error && <Trouble sentence={problemOf(error).detail} mend={problemOf(error).mend} />}
      <div className="flex flex-wrap items-end gap-2">
        {mayAccept ? (
          <label className="grid min-w-0 flex-1 basis-48 gap-1 text-label text-soft">
            Your name, kept with it
            <input
              className={FIELD}
              maxLength={80}
              autoComplete="name"
              value={by}
              onChange={(event) => setBy(event.target.value)}
            />
          </label>
        ) : (
          <p className="flex-1 text-label text-soft">Accepting it into the catalog needs the role steward.</p>
        )}
        {mayDiscard && (
          <Button disabled={isBusy} onClick={() => discarding.mutate(draft.draft_id)}>
            Discard
          </Button>
        )}
        {mayAccept && (
          <Button type="submit" look="primary" disabled={isBusy || !by.trim() || draft.problem !== null}>
            {accepting.isPending ? "Writing…" : "Accept into the catalog"}
          </Button>
        )}
      </div>
    </form>
  );
}
