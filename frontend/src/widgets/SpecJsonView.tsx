import type { Answer, Metric, Widget } from "@/api/types";
import { CopyButton } from "@/ui/CopyButton";
import { Json } from "@/ui/Json";
import { Sql } from "@/ui/Sql";
import { Tabs } from "@/ui/Tabs";
import { AnswerTable } from "./AnswerTable";

interface SpecJsonViewProps {
  widget: Widget;
  answer: Answer | undefined;
  metrics: Metric[];
}

const SHOWN_ROWS = 200;

/** What was asked, the SQL that ran, and what came back: the same widget in three lights. */
export function SpecJsonView({ widget, answer, metrics }: SpecJsonViewProps) {
  const noAnswer = <p className="text-soft">There is no answer yet, so there is nothing to show.</p>;
  return (
    <Tabs
      label="Views of this widget"
      items={[
        { id: "spec", label: "Spec JSON", content: <Json value={widget} label="Copy spec" /> },
        {
          id: "sql",
          label: "Generated SQL",
          content: answer ? (
            <div className="grid gap-2">
              <Sql sql={answer.provenance.sql} className="rounded-lg bg-sunken p-3" />
              <Parameters params={answer.provenance.params} />
              <div>
                <CopyButton text={answer.provenance.sql} label="Copy SQL" />
              </div>
            </div>
          ) : (
            noAnswer
          ),
        },
        {
          id: "answer",
          label: "Answer",
          content: answer ? (
            <div className="grid gap-3 bg-surface">
              <AnswerTable
                answer={{ ...answer, rows: answer.rows.slice(0, SHOWN_ROWS) }}
                metrics={metrics}
                caption="The rows of this answer"
                exact
              />
              {answer.rows.length > SHOWN_ROWS && (
                <p className="text-faint">
                  The first {SHOWN_ROWS} of {answer.rows.length} rows.
                </p>
              )}
              {answer.provenance.truncated && (
                <p className="text-stale">The answer was cut at its row limit.</p>
              )}
            </div>
          ) : (
            noAnswer
          ),
        },
      ]}
    />
  );
}

export function Parameters({ params }: { params: Record<string, unknown> }) {
  const entries = Object.entries(params);
  if (entries.length === 0) return null;
  return (
    <dl
      aria-label="Bound parameters"
      className="flex flex-wrap gap-x-3 gap-y-0.5 font-mono text-[11px] text-soft"
    >
      {entries.map(([name, value]) => (
        <div key={name} className="flex min-w-0 gap-1.5">
          <dt className="font-semibold text-stale">{name}</dt>
          <dd className="[overflow-wrap:anywhere]">
            {typeof value === "string" ? `'${value}'` : JSON.stringify(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
