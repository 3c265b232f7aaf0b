import { Database, FileSpreadsheet, KeyRound } from "lucide-react";
import { useNavigate } from "react-router";
import { useConnections } from "@/api/surveys";
import type { SurveyConnection } from "@/api/types";
import { paths } from "@/app/address";
import { Button } from "@/ui/Button";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { Failure, hasFailed } from "@/widgets/Failure";
import { useReading } from "./useReading";

const ICONS: Record<SurveyConnection["kind"], typeof Database> = {
  backend: Database,
  variable: KeyRound,
  file: FileSpreadsheet,
};

/** What may be read; and while one is read, how far that is. */
export function Connections() {
  const connections = useConnections();
  const navigate = useNavigate();
  const reading = useReading((survey) => void navigate(paths.begin(survey.survey_id)));
  if (hasFailed(connections)) return <Failure of={connections} />;
  if (!connections.data) return <LoadingLines label="Looking which connections there are" />;
  const being = connections.data.find((each) => each.connection_id === reading.connectionId);
  return (
    <div className="grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-4">
      <p className="text-soft">
        Assay reads a database, and changes nothing in it. You see what it would draft, with the figure of
        each metric, before anything is written.
      </p>
      {reading.problem && !being && <Trouble sentence={reading.problem.detail} mend={reading.problem.mend} />}
      {being ? (
        <section
          aria-label={`Reading ${being.label}`}
          className="grid gap-3 rounded-[11px] border border-line bg-surface px-4 py-3"
        >
          <h2 className="font-medium">Reading {being.label}</h2>
          <progress aria-label={`Reading ${being.label}`} className="w-full accent-[var(--accent)]" />
          <p role="status" className="text-label text-soft [overflow-wrap:anywhere]">
            {reading.line}
          </p>
          <Button className="justify-self-start" onClick={reading.cancel}>
            Cancel
          </Button>
        </section>
      ) : connections.data.length === 0 ? (
        <Nothing />
      ) : (
        <ul aria-label="Connections" className="overflow-hidden rounded-[11px] border border-line bg-surface">
          {connections.data.map((each) => (
            <Choice
              key={each.connection_id}
              connection={each}
              onPick={() => reading.begin(each.connection_id)}
            />
          ))}
        </ul>
      )}
      <p className="text-label text-faint">
        No address and no password is typed here. Whoever runs this server names what may be read: a backend
        in assay.yaml, a variable in ASSAY_CONNECTIONS, or a file in the folder ASSAY_FILES.
      </p>
    </div>
  );
}

function Choice({ connection, onPick }: { connection: SurveyConnection; onPick: () => void }) {
  const Icon = ICONS[connection.kind];
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 border-line border-b px-3.5 py-2.5 last:border-b-0">
      <Icon className="size-4 shrink-0 text-faint" aria-hidden />
      <div className="min-w-0 flex-1 basis-48 [overflow-wrap:anywhere]">
        <p className="font-medium">{connection.label}</p>
        <p className="text-small text-faint">{connection.said}</p>
        {connection.problem && (
          <p className="text-small text-stale">
            {connection.problem} {connection.mend && `To mend it, ${connection.mend}.`}
          </p>
        )}
      </div>
      {!connection.problem && (
        <Button aria-label={`Read ${connection.label}`} onClick={onPick}>
          Read
        </Button>
      )}
    </li>
  );
}

const Nothing = () => (
  <p className="rounded-[11px] border border-line border-dashed px-4 py-10 text-center text-soft">
    Nothing may be read yet: whoever runs this server has named no connection.
  </p>
);
