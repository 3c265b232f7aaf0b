import { useId, useState } from "react";
import { useNavigate } from "react-router";
import { useImportDashboard } from "@/api/dashboards";
import { problemOf } from "@/api/problem";
import { paths } from "@/app/address";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { Trouble } from "@/ui/Trouble";

/** The id that a dashboard's YAML names; the server reads the rest. */
const idInYaml = (yaml: string): string | null =>
  /^dashboard_id:\s*["']?([a-z0-9][a-z0-9_-]{0,62})["']?\s*(?:#.*)?$/m.exec(yaml)?.[1] ?? null;

/** A dashboard from its YAML, as the workspace writes it: pasted, or from a file. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const id = useId();
  const [yaml, setYaml] = useState("");
  const importing = useImportDashboard();
  const navigate = useNavigate();
  const dashboardId = idInYaml(yaml);
  const problem = importing.error ? problemOf(importing.error) : null;
  const submit = () => {
    if (!dashboardId) return;
    importing.mutate(
      { dashboardId, yaml },
      {
        onSuccess: (imported) => {
          onClose();
          void navigate(paths.dashboard(imported.dashboard_id));
        },
      },
    );
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Import a dashboard"
      wide
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!dashboardId || importing.isPending} onClick={submit}>
            {dashboardId ? `Import ${dashboardId}` : "Import"}
          </Button>
        </>
      }
    >
      <div className="grid gap-3">
        <label className="grid gap-1 text-soft">
          A file
          <input
            type="file"
            accept=".yaml,.yml,text/yaml"
            className="text-label text-faint file:mr-2.5 file:rounded-[7px] file:border file:border-line file:border-solid file:bg-surface file:px-2.5 file:py-1 file:text-body file:text-ink hover:file:border-line-strong"
            onChange={async (event) => setYaml((await event.target.files?.[0]?.text()) ?? "")}
          />
        </label>
        <div className="grid gap-1">
          <label htmlFor={id} className="text-soft">
            or its text
          </label>
          <textarea
            id={id}
            rows={14}
            spellCheck={false}
            className={`${FIELD} font-mono text-small`}
            value={yaml}
            onChange={(event) => setYaml(event.target.value)}
          />
        </div>
        {yaml.trim() && !dashboardId && (
          <p className="text-stale">It names no dashboard_id, so it is not known which dashboard this is.</p>
        )}
        {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      </div>
    </Dialog>
  );
}
