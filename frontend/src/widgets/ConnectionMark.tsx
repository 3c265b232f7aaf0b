import { useConnection, useReconnect } from "@/api/LiveProvider";
import type { ConnectionState } from "@/api/LiveStream";
import { lastReached } from "@/api/reach";
import { useWorkspace } from "@/api/workspace";
import { ageText, clockText } from "@/format/times";
import { classes } from "@/ui/classes";
import { useNow } from "@/ui/useNow";

const LOOKS: Record<ConnectionState, { text: string; dot: string; mark: string }> = {
  live: { text: "live", dot: "bg-good", mark: "text-good" },
  connecting: { text: "connecting", dot: "bg-(--other)", mark: "text-soft" },
  reconnecting: { text: "reconnecting", dot: "bg-stale", mark: "text-stale" },
  silent: { text: "no live updates", dot: "bg-stale", mark: "text-stale" },
  offline: { text: "offline", dot: "bg-bad", mark: "text-bad" },
};

const TITLES: Partial<Record<ConnectionState, string>> = {
  silent:
    "Something between this browser and the server holds live updates back. The page asks for its numbers by the clock.",
  offline: "The server does not answer. What is shown is the last that was read.",
};

/** Whether what moves on the server reaches this page; when not, when it tries again. */
export function ConnectionMark() {
  const { state, retryAt } = useConnection();
  const reconnect = useReconnect();
  const now = useNow();
  const zone = useWorkspace().data?.timezone;
  const asOf = state === "offline" ? lastReached() : null;
  const { text, dot, mark } = LOOKS[state];
  const wait = retryAt === null ? null : Math.max(0, Math.ceil((retryAt - now) / 1000));
  return (
    <span className={classes("ml-1.5 inline-flex items-center gap-1.5 text-small whitespace-nowrap", mark)}>
      <i aria-hidden className={classes("mark size-[7px] rounded-full ring-3 ring-current/20", dot)} />
      <span role="status" title={TITLES[state]}>
        {text}
      </span>
      {asOf !== null && zone && <span>as of {clockText(new Date(asOf).toISOString(), zone, now)}</span>}
      {wait !== null && (
        <button type="button" onClick={reconnect} className="text-soft underline underline-offset-2">
          {wait > 0 ? `again in ${ageText(wait)}, or now` : "trying"}
        </button>
      )}
    </span>
  );
}
