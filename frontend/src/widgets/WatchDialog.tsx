import { useEffect, useId, useState } from "react";
import { Link } from "react-router";
import { problemOf } from "@/api/problem";
import { useMay } from "@/api/session";
import type { Question, WatchForm } from "@/api/types";
import { useWatchDeed, useWatches, useWatchPast } from "@/api/watches";
import { paths } from "@/app/address";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { notify } from "@/ui/notices";
import { LoadingLines } from "@/ui/Skeleton";
import { Trouble } from "@/ui/Trouble";
import { WatchPast } from "./WatchPast";

type Kind = "above" | "below" | "falls" | "rises" | "usual";

const KINDS: Record<Kind, string> = {
  above: "is above",
  below: "is below",
  falls: "falls against the period before by more than",
  rises: "rises against the period before by more than",
  usual: "is off what is usual by more than",
};
const FIRST: Record<Kind, string> = { above: "", below: "", falls: "10", rises: "10", usual: "3" };
const CHECKS = ["every 5 minutes", "every 1 hour", "every 1 day", "when the data moves"];
const SETTLED_MS = 500;
const NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;

interface WatchDialogProps {
  title: string;
  question: Question & { metrics: string[] };
  onClose: () => void;
}

/** The alert that the form means; null as long as it holds no number, or nobody to tell. */
function formOf(
  asked: WatchDialogProps["question"],
  kind: Kind,
  number: string,
  check: string,
  tell: string[],
) {
  if (!NUMBER.test(number) || tell.length === 0) return null;
  const { metrics, dimensions, filters, any_of, segments, whose, parameters, grain, window } = asked;
  const isSeries = kind === "usual";
  const isChange = kind === "falls" || kind === "rises";
  const question = {
    metrics: metrics.slice(0, 1),
    dimensions: dimensions ?? [],
    filters: filters ?? [],
    any_of: any_of ?? [],
    segments: segments ?? [],
    whose: whose ?? [],
    parameters: parameters ?? {},
    grain: isSeries ? (grain === "hour" ? "hour" : "day") : isChange ? null : (grain ?? null),
    window: isSeries ? null : (window ?? null),
  };
  const when = {
    above: { above: number },
    below: { below: number },
    falls: { change: "previous_period", below: `-${number}%` },
    rises: { change: "previous_period", above: `${number}%` },
    usual: { outside: { usual: Number(number) } },
  }[kind];
  return { question, when, check, tell } as WatchForm;
}

/** As it is once nobody has changed it for a moment: trying it on the past asks the engine for each day. */
function useSettled(form: WatchForm | null): WatchForm | null {
  const text = JSON.stringify(form);
  const [held, setHeld] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setHeld(text), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return JSON.parse(held) as WatchForm | null;
}

/** "Tell me when…": a condition over a tile's question, tried on the past before it is made. */
export function WatchDialog({ title, question, onClose }: WatchDialogProps) {
  const watches = useWatches();
  const mayMake = useMay("make_watch");
  const [kind, setKind] = useState<Kind>("falls");
  const [number, setNumber] = useState(FIRST.falls);
  const [check, setCheck] = useState(CHECKS[0] ?? "");
  const [chosen, setChosen] = useState<string[] | null>(null);
  const making = useWatchDeed();
  const ids = useId();
  const channels = [
    ...(watches.data?.me ? [{ name: "me", label: `me, ${watches.data.me}` }] : []),
    ...(watches.data?.channels ?? []).map(({ name }) => ({ name, label: name })),
  ];
  const tell = chosen ?? channels.slice(0, 1).map(({ name }) => name);
  const form = formOf(question, kind, number.trim(), check, tell);
  const past = useWatchPast(useSettled(form));
  const problem = making.error ?? past.error;
  const told = problem && problemOf(problem);
  const make = () =>
    form &&
    making.mutate(
      { kind: "make", form },
      {
        onSuccess: () => {
          notify({ text: "The alert is watched from now on." });
          onClose();
        },
      },
    );
  const choose = (next: Kind) => {
    setKind(next);
    setNumber(FIRST[next]);
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Tell me when…"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" disabled={!form || !mayMake || making.isPending} onClick={make}>
            {making.isPending ? "Making it…" : "Make the alert"}
          </Button>
        </>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <div className="grid gap-2">
          <p className="font-medium [overflow-wrap:anywhere]">{title}</p>
          <div className="flex flex-wrap items-center gap-2">
            <select
              aria-label="Condition"
              className={`${FIELD} max-w-full`}
              value={kind}
              onChange={(event) => choose(event.target.value as Kind)}
            >
              {Object.entries(KINDS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <input
              aria-label="Number"
              inputMode="decimal"
              className={`${FIELD} w-28`}
              value={number}
              onChange={(event) => setNumber(event.target.value)}
            />
            <span className="text-soft">
              {kind === "usual" ? "times the usual" : kind === "falls" || kind === "rises" ? "%" : ""}
            </span>
          </div>
        </div>
        <fieldset className="grid gap-1">
          <legend className="mb-1 text-label text-soft">Whom to tell</legend>
          {watches.data && channels.length === 0 && (
            <p className="text-soft">There is no channel yet: name one in alerts/ of the workspace.</p>
          )}
          {channels.map(({ name, label }) => (
            <label key={name} className="flex items-center gap-2">
              <input
                type="checkbox"
                checked={tell.includes(name)}
                onChange={(event) =>
                  setChosen(event.target.checked ? [...tell, name] : tell.filter((each) => each !== name))
                }
              />
              <span className="[overflow-wrap:anywhere]">{label}</span>
            </label>
          ))}
        </fieldset>
        <div className="flex flex-wrap items-center gap-2">
          <label htmlFor={`${ids}check`} className="text-label text-soft">
            Check
          </label>
          <select
            id={`${ids}check`}
            className={FIELD}
            value={check}
            onChange={(event) => setCheck(event.target.value)}
          >
            {CHECKS.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </div>
        <section aria-label="On the past" className="grid gap-2 border-line border-t pt-3">
          {told ? (
            <Trouble sentence={told.detail} mend={told.mend} />
          ) : past.data ? (
            <>
              <p className="font-medium">{past.data.text}</p>
              <WatchPast past={past.data} />
            </>
          ) : form ? (
            <LoadingLines label="Trying it on the past" lines={4} />
          ) : (
            <p className="text-soft">Say a number and whom to tell: it is tried on the last 90 days.</p>
          )}
        </section>
        <p className="text-small text-soft">
          {mayMake
            ? "Nothing is said of a bucket that is not over, or of late data."
            : "Making one needs the role editor."}{" "}
          <Link to={paths.alerts()} className="text-accent underline underline-offset-2">
            All alerts
          </Link>
        </p>
      </div>
    </Dialog>
  );
}
