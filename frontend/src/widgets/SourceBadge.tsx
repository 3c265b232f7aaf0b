import { useConnection } from "@/api/LiveProvider";
import type { Provenance } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { classes } from "@/ui/classes";
import { BackendSquare } from "./BackendMark";
import { StandingMark } from "./StandingMark";
import { useAge } from "./useAge";

interface SourceBadgeProps {
  provenance: Provenance;
  /** Why asking again failed, when the page itself holds the last good answer. */
  trouble?: string | null;
  onOpen?: (() => void) | undefined;
  /** Names the hallmark, so that focus finds back to it when its receipt closes. */
  anchor?: string | undefined;
  /** While all is well it is seen only where somebody looks: under the pointer or with the focus. */
  isQuiet?: boolean;
}

/** Kinds of data version whose every move reaches this page: such an answer is current until told otherwise. */
const HEARD = new Set(["counter", "file"]);

function freshness(provenance: Provenance, trouble: string | null, age: string, connected: boolean) {
  if (provenance.stale || trouble) {
    const reason = trouble ?? provenance.stale_reason ?? "the source does not answer";
    return { text: `last good value, ${age} old: ${reason}`, stale: true };
  }
  return { text: connected && HEARD.has(provenance.data_version_kind) ? "live" : age, stale: false };
}

export type Alarm = "stale" | "differs";

/** What of a number is not as it should be: it is old, or another engine gives another. Null while all is well. */
export function alarmOf(provenance: Provenance, trouble: string | null): Alarm | null {
  if (provenance.stale || trouble) return "stale";
  return provenance.parity.standing === "differs" ? "differs" : null;
}

/** The hallmark at the foot of every number: which engine, how fresh, how well proven. It opens the receipt. */
export function SourceBadge({
  provenance,
  trouble = null,
  onOpen,
  anchor,
  isQuiet = false,
}: SourceBadgeProps) {
  const connected = useConnection().state === "live";
  const workspaceIsSynthetic = useWorkspace().data?.synthetic === true;
  const age = useAge(provenance.as_of);
  const { text, stale } = freshness(provenance, trouble, age, connected);
  const content = (
    <>
      <BackendSquare driver={provenance.driver} muted={stale} />
      <span className={classes("shrink-0", stale ? "text-stale" : "text-soft")}>{provenance.backend}</span>
      <span
        className={classes("min-w-0", stale ? "line-clamp-2 text-stale" : "truncate text-faint")}
        title={text}
      >
        {stale ? text : `· ${text}`}
      </span>
      {provenance.synthetic && !workspaceIsSynthetic && (
        <span className="shrink-0 rounded border border-line-strong border-dashed px-1 text-axis">
          synthetic
        </span>
      )}
    </>
  );
  const look = "flex min-w-0 items-center gap-1.5 text-left";
  return (
    <div
      className={classes(
        "flex w-full min-w-0 items-center justify-between gap-1.5 text-mark",
        isQuiet && alarmOf(provenance, trouble) === null && "quiet-mark",
      )}
    >
      {onOpen ? (
        <button
          type="button"
          onClick={onOpen}
          data-hallmark={anchor}
          data-state={stale ? "stale" : "good"}
          className={classes(
            look,
            "rounded hover:[&>span]:text-ink hover:[&>span]:underline hover:[&>span]:underline-offset-2",
          )}
        >
          <span className="sr-only">Open receipt. Served by</span>
          {content}
        </button>
      ) : (
        <div className={look}>{content}</div>
      )}
      <StandingMark parity={provenance.parity} />
    </div>
  );
}
