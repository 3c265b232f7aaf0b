import { ShieldCheck } from "lucide-react";
import { useId } from "react";
import { useAudit, useAuditProof } from "@/api/audit";
import { useMay } from "@/api/session";
import { useWorkspace } from "@/api/workspace";
import { useAddress } from "@/app/address";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { FIELD } from "@/ui/fields";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "@/widgets/Failure";
import { PageTop } from "@/widgets/PageTop";
import { AuditEntries } from "./AuditEntries";
import { ProofResult } from "./ProofResult";

/** The first words of actions, as the log writes them. */
const ACTIONS = {
  sign_in: "Signing in",
  sign_out: "Signing out",
  person: "People",
  key: "Keys of programs",
  signing_key: "Keys that sign",
  policy: "Policies",
  route: "Routes",
  proposal: "Proposals",
  four_eyes: "Four eyes",
  difference: "Accepted differences",
  draft: "Drafts",
  widget: "Widgets",
  dashboard: "Dashboards",
  recommendation: "Recommendations",
  export: "Exports",
  question: "Questions",
  colour: "Colours",
  demo: "The demo",
  audit: "This log",
};

/** Who did what, newest first; and whether the log of it is as it was written. */
export function AuditPage() {
  const { get, write } = useAddress();
  const mayRead = useMay("audit_log");
  const proof = useAuditProof();
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const filter = {
    who: get("who"),
    action: get("action"),
    since: dayOf(get("since")),
    until: dayOf(get("until")),
  };
  const read = useAudit(filter, mayRead);
  const entries = read.data?.pages.flatMap((page) => page.entries) ?? [];
  const isNarrowed = Object.values(filter).some((each) => each !== null);
  return (
    <>
      <PageTop title="Audit log" description="What was done, by whom, newest first">
        {mayRead && (
          <Button onClick={() => proof.mutate()} disabled={proof.isPending}>
            <ShieldCheck className="size-3.5" aria-hidden />
            {proof.isPending ? "Verifying…" : "Verify"}
          </Button>
        )}
      </PageTop>
      {!mayRead ? (
        <p className="py-16 text-center text-soft">Only an admin reads the audit log.</p>
      ) : (
        <>
          <ProofResult proof={proof} />
          <Filters />
          {hasFailed(read) ? (
            <Failure of={read} />
          ) : read.isPending ? (
            <LoadingLines label="Loading the audit log" lines={12} />
          ) : entries.length === 0 ? (
            <div className="grid justify-items-center gap-3 py-16 text-center text-soft">
              <p>{isNarrowed ? "Nothing that was done is like this." : "Nothing was done yet."}</p>
              {isNarrowed && (
                <Button onClick={() => write({ who: null, action: null, since: null, until: null })}>
                  Show all
                </Button>
              )}
            </div>
          ) : (
            <>
              <AuditEntries entries={entries} timezone={timezone} />
              {read.hasNextPage && (
                <div className="mt-3 text-center">
                  <Button onClick={() => void read.fetchNextPage()} disabled={read.isFetchingNextPage}>
                    {read.isFetchingNextPage ? "Loading…" : "Show earlier entries"}
                  </Button>
                </div>
              )}
            </>
          )}
        </>
      )}
    </>
  );
}

/** A day as fields of days write it; nothing else is asked for. */
const dayOf = (text: string | null) => (text && /^\d{4}-\d\d-\d\d$/.test(text) ? text : null);

function Filters() {
  const { get, write } = useAddress();
  const id = useId();
  const action = get("action");
  const isOther = action !== null && !(action in ACTIONS);
  const field = classes(FIELD, "w-full");
  return (
    <form
      aria-label="Filters"
      onSubmit={(event) => {
        event.preventDefault();
        const who = new FormData(event.currentTarget).get("who");
        write({ who: String(who ?? "").trim() || null });
      }}
      className="mb-3 grid grid-cols-[repeat(auto-fit,minmax(min(100%,10.5rem),1fr))] items-start gap-x-2 gap-y-2.5 text-small text-soft"
    >
      <div className="grid min-w-0 gap-1">
        <label htmlFor={`${id}-who`}>Who: an id or a name</label>
        <input
          key={get("who")}
          id={`${id}-who`}
          name="who"
          type="search"
          autoComplete="off"
          maxLength={200}
          defaultValue={get("who") ?? ""}
          onBlur={(event) => write({ who: event.target.value.trim() || null }, { replace: true })}
          className={field}
        />
      </div>
      <div className="grid min-w-0 gap-1">
        <label htmlFor={`${id}-what`}>What</label>
        <select
          id={`${id}-what`}
          value={action ?? ""}
          onChange={(event) => write({ action: event.target.value || null })}
          className={field}
        >
          <option value="">Everything</option>
          {isOther && <option value={action}>{action}</option>}
          {Object.entries(ACTIONS).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {(["since", "until"] as const).map((name) => (
        <div key={name} className="grid min-w-0 gap-1">
          <label htmlFor={`${id}-${name}`}>{name === "since" ? "From (UTC)" : "Before (UTC)"}</label>
          <input
            id={`${id}-${name}`}
            type="date"
            value={dayOf(get(name)) ?? ""}
            onChange={(event) => write({ [name]: event.target.value || null })}
            className={field}
          />
        </div>
      ))}
    </form>
  );
}
