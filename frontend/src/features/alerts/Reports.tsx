import { useId, useState } from "react";
import { useReportDeed, useReports } from "@/api/reports";
import { useMay } from "@/api/session";
import type { Report, ReportReader } from "@/api/types";
import { clockText } from "@/format/times";
import { Button } from "@/ui/Button";
import { notify } from "@/ui/notices";
import { Panel } from "@/ui/Panel";
import { Failure, hasFailed } from "@/widgets/Failure";
import { sayProblem } from "@/widgets/sayProblem";
import { ReportPreview } from "./ReportPreview";

/** Dashboards that are sent by the calendar: when, to whom, and a dry run of each. */
export function Reports({ timezone }: { timezone: string }) {
  const reports = useReports();
  const told = reports.data;
  if (!hasFailed(reports) && !told?.reports.length) return null;
  return (
    <Panel title="Reports">
      {hasFailed(reports) ? (
        <Failure of={reports} />
      ) : (
        <>
          {told?.why_not && <p className="pb-2 text-small text-stale">None can be sent: {told.why_not}</p>}
          <ul className="grid" aria-label="Reports">
            {told?.reports.map((each) => (
              <OneReport
                key={each.report_id}
                report={each}
                me={told.me}
                canSend={!told.why_not}
                timezone={timezone}
              />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}

interface OneReportProps {
  report: Report;
  /** The address that one's own go to. */
  me: string | null;
  canSend: boolean;
  timezone: string;
}

function OneReport({ report, me, canSend, timezone }: OneReportProps) {
  const title = useId();
  const deed = useReportDeed();
  const mayTest = useMay("test_report");
  const [isTrying, setTrying] = useState(false);
  const reportId = report.report_id;
  const choose = () =>
    deed.mutate({ kind: "choose", reportId, wants: !report.mine }, { onError: sayProblem });
  const test = () =>
    deed.mutate(
      { kind: "test", reportId, channel: null },
      { onSuccess: () => notify({ text: `${report.label} is on its way to you.` }), onError: sayProblem },
    );
  return (
    <li
      aria-labelledby={title}
      className="grid grid-cols-[minmax(0,1fr)] gap-1.5 border-line border-t py-2.5 first:border-t-0 [overflow-wrap:anywhere]"
    >
      <div className="flex flex-wrap items-baseline justify-between gap-x-3">
        <h3 id={title} className="min-w-0 font-medium">
          {report.label} <span className="font-normal text-soft">{report.when}</span>
        </h3>
        <span className="text-small text-soft">
          {report.due_at && `next ${clockText(report.due_at, timezone)}`}
        </span>
      </div>
      <p className="text-small text-soft">
        {report.file}:{report.line}
        {report.late === "wait" && ", waits for data that are late"}
      </p>
      <ul className="grid gap-0.5 text-small" aria-label={`Readers of ${report.label}`}>
        {report.readers.map((each) => (
          <li key={each.reader} className="flex flex-wrap gap-x-2">
            <span>{each.is_me ? "You" : each.reader}</span>
            <span className={each.why_not ? "text-stale" : "text-soft"}>{readerText(each, timezone)}</span>
          </li>
        ))}
        {report.others > 0 && (
          <li className="text-soft">
            {report.readers.length > 0 ? "and " : ""}
            {report.others} {report.readers.length > 0 ? "more" : report.others === 1 ? "reader" : "readers"}
          </li>
        )}
      </ul>
      <div className="flex flex-wrap items-center justify-end gap-2">
        {me && (
          <Button aria-describedby={title} disabled={deed.isPending} onClick={choose}>
            {report.mine ? "Get it no more" : "Get it too"}
          </Button>
        )}
        {me && mayTest && canSend && (
          <Button aria-describedby={title} disabled={deed.isPending} onClick={test}>
            Send it to me now
          </Button>
        )}
        <Button aria-describedby={title} onClick={() => setTrying(true)}>
          Dry run…
        </Button>
      </div>
      <ReportPreview report={report} open={isTrying} onClose={() => setTrying(false)} />
    </li>
  );
}

function readerText({ wants, sent_at, state, why_not }: ReportReader, timezone: string): string {
  if (!wants) return "has left it";
  const trouble = why_not ? `: ${why_not}` : "";
  if (!sent_at) return why_not ? `was not sent the last one${trouble}` : "was sent none yet";
  const told = state === "waiting" ? "on its way since" : state === "dead" ? "given up," : "sent";
  return `${told} ${clockText(sent_at, timezone)}${trouble}`;
}
