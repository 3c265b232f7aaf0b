import { type FormEvent, useState } from "react";
import { Link, useNavigate } from "react-router";
import { problemOf } from "@/api/problem";
import { useSurvey, useTakeSurvey } from "@/api/surveys";
import type { Survey } from "@/api/types";
import { paths } from "@/app/address";
import { several } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { Failure, hasFailed } from "@/widgets/Failure";
import { type Choice, chosen, faultOf, firstChoices } from "./choices";
import { OfferedRow } from "./OfferedRow";

/** What was drafted, to be looked at, unticked and renamed; nothing is written before it is opened. */
export function Offer({ surveyId }: { surveyId: string }) {
  const survey = useSurvey(surveyId);
  if (hasFailed(survey)) {
    return (
      <div className="grid max-w-3xl gap-3">
        <Failure of={survey} />
        <Again />
      </div>
    );
  }
  if (!survey.data) return <LoadingLines label="Loading what was drafted" lines={10} />;
  return <Looking survey={survey.data} />;
}

const Again = () => (
  <Link to={paths.begin()} className="justify-self-start text-accent underline underline-offset-2">
    Choose another connection
  </Link>
);

function Looking({ survey }: { survey: Survey }) {
  const navigate = useNavigate();
  const taking = useTakeSurvey();
  const [choices, setChoices] = useState<ReadonlyMap<string, Choice>>(() => firstChoices(survey.metrics));
  const change = (metricId: string, next: Choice) => setChoices((held) => new Map(held).set(metricId, next));
  const tickAll = (isChosen: boolean) =>
    setChoices((held) => new Map([...held].map(([name, each]) => [name, { ...each, isChosen }])));
  const metrics = chosen(survey.metrics, choices);
  const fault = faultOf(metrics);
  const open = (event: FormEvent) => {
    event.preventDefault();
    taking.mutate(
      { surveyId: survey.survey_id, metrics },
      {
        onSuccess: ({ dashboard_id, metrics: [first] }) =>
          void navigate(dashboard_id ? paths.dashboard(dashboard_id) : paths.catalog(first ?? null)),
      },
    );
  };
  const problem = taking.error ? problemOf(taking.error) : null;
  const cannot = survey.problem ?? (survey.metrics.length === 0 ? "There is nothing to add." : null);
  return (
    <form onSubmit={open} className="grid max-w-5xl grid-cols-[minmax(0,1fr)] gap-5 pb-20">
      <p className="text-soft">
        {counted(survey)}, read into the backend <code className="font-mono">{survey.backend}</code>. What
        follows is drafted, the weightiest first: untick what is of no use, and call the rest as your people
        do. <Again />
      </p>
      <section aria-label="Metrics" className="grid gap-2">
        <div className="flex flex-wrap items-baseline justify-between gap-2">
          <h2 className="font-medium">Metrics</h2>
          <div className="flex gap-1">
            <Button look="ghost" onClick={() => tickAll(true)}>
              Tick all
            </Button>
            <Button look="ghost" onClick={() => tickAll(false)}>
              Untick all
            </Button>
          </div>
        </div>
        {survey.metrics.length === 0 ? (
          <p className="py-8 text-center text-soft">
            No metric is offered: the workspace has all of them, or the tables have nothing to count.
          </p>
        ) : (
          <ul className="overflow-hidden rounded-[11px] border border-line bg-surface">
            {survey.metrics.map((each) => (
              <OfferedRow
                key={each.metric_id}
                surveyId={survey.survey_id}
                metric={each}
                choice={choices.get(each.metric_id) ?? { isChosen: false, label: each.label }}
                onChange={(next) => change(each.metric_id, next)}
              />
            ))}
          </ul>
        )}
      </section>
      <Lines title="Guessed, in the order of how much it matters" lines={survey.guessed} />
      <Lines title="Marked as personal data: no metric shows these" lines={survey.personal} isShut />
      <Lines
        title="Left out, and why"
        lines={survey.left_out.map(({ what, reason }) => `${what}: ${reason}`)}
        isShut
      />
      {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      <div className="sticky bottom-0 z-10 -mx-1 flex flex-wrap items-center justify-end gap-3 border-line border-t bg-bg px-1 py-3">
        <p role="status" className="mr-auto min-w-0 text-label text-soft">
          {cannot ?? fault ?? `${metrics.length} of ${survey.metrics.length} metrics chosen`}
        </p>
        <Button type="submit" look="primary" disabled={taking.isPending || Boolean(cannot) || fault !== null}>
          {taking.isPending ? "Writing…" : "Write and open"}
        </Button>
      </div>
    </form>
  );
}

const counted = ({ tables, columns, joins }: Survey) =>
  `${several(tables, "table")}, ${several(columns, "column")} and ${several(joins, "join")}`;

function Lines({ title, lines, isShut = false }: { title: string; lines: string[]; isShut?: boolean }) {
  if (lines.length === 0) return null;
  return (
    <details open={!isShut} className="rounded-[11px] border border-line px-4 py-2.5">
      <summary className="font-medium select-none">
        {title} ({lines.length})
      </summary>
      <ul className="mt-2 grid gap-1 text-label text-soft [overflow-wrap:anywhere]">
        {lines.map((each) => (
          <li key={each}>{each}</li>
        ))}
      </ul>
    </details>
  );
}
