import type { Backend } from "@/api/types";
import { BackendMark } from "@/widgets/BackendMark";
import { STATE_WORDS } from "./words";

const LOOKS: Record<Backend["state"], string> = {
  ready: "text-good",
  down: "text-bad",
  not_configured: "text-faint",
};

const VERSIONS: Record<string, string> = {
  counter: "every change is counted",
  file: "changes of its file are seen",
  table_version: "its tables carry versions",
  statistics: "changes are read from its statistics",
  time_bucket: "changes are not seen: answers age by the clock",
};

function explanation(backend: Backend): string {
  if (backend.state === "not_configured")
    return `missing: ${backend.missing.join(", ") || (backend.detail ?? "settings")}`;
  if (backend.state === "down") return backend.detail ?? "it does not answer";
  return (backend.data_version_kind && VERSIONS[backend.data_version_kind]) ?? backend.detail ?? "";
}

/** The engines and how each is doing. */
export function BackendStrip({ backends }: { backends: Backend[] }) {
  return (
    <ul aria-label="Backends" className="grid grid-cols-[minmax(0,1fr)] gap-3 sm:grid-cols-2 xl:grid-cols-4">
      {backends.map((backend) => (
        <li key={backend.name} className="min-w-0 rounded-[11px] border border-line bg-surface px-3.5 py-2.5">
          <div className="flex flex-wrap items-center justify-between gap-x-2">
            <b className="font-medium">
              <BackendMark backend={backend.name} driver={backend.driver} />
            </b>
            <span className={`text-small ${LOOKS[backend.state]}`}>{STATE_WORDS[backend.state]}</span>
          </div>
          <p className="text-small text-soft [overflow-wrap:anywhere]">{explanation(backend)}</p>
        </li>
      ))}
    </ul>
  );
}
