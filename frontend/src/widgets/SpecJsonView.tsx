import type { Answer, Metric, Widget } from "@/api/types";
import { AnswerTable } from "@/charts/draw/AnswerTable";
import { CopyButton } from "@/ui/CopyButton";
import { Json } from "@/ui/Json";
import { Sql } from "@/ui/Sql";
import { type TabItem, Tabs } from "@/ui/Tabs";
import { Parameters } from "./Parameters";

interface SpecJsonViewProps {
  widget: Widget;
  answer: Answer | undefined;
  metrics: Metric[];
  /** More lights than the three, after them. */
  more?: TabItem[];
  tab?: string;
  onTab?: (id: string) => void;
}

const SHOWN_ROWS = 200;

/** What was asked, the SQL that ran, and what came back: the same widget in three lights. */
export function SpecJsonView({ widget, answer, metrics, more = [], tab, onTab }: SpecJsonViewProps) {
  const noAnswer = <p className="text-soft">There is no answer yet, so there is nothing to show.</p>;
  return (
    <Tabs
      label="Views of this widget"
      {...(tab !== undefined && onTab ? { value: tab, onPick: onTab } : {})}
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
        ...more,
      ]}
    />
  );
}
