import { CircleCheck } from "lucide-react";
import { useExplanation } from "@/api/explanation";
import { NO_METRICS, useMetrics } from "@/api/metrics";
import type { Cell, Explanation, Question } from "@/api/types";
import { waterfallOf } from "@/charts/waterfall";
import { fixed, NOTHING, numberOf, roundedText, shortText } from "@/format/numbers";
import { joined, valueNames, valueText } from "@/format/values";
import { dimensionLabel } from "@/question/filters";
import { classes } from "@/ui/classes";
import { Dialog } from "@/ui/Dialog";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure, hasFailed } from "./Failure";
import { useOpenReceipt } from "./useOpenReceipt";

export interface ExplainAsked {
  metricId: string;
  label: string;
  question: Question;
}

type Step = Explanation["steps"][number];
type Group = Explanation["divisions"][number]["groups"][number];
type Piece = Explanation["sentences"][number][number];

export function ExplainDialog({ asked, onClose }: { asked: ExplainAsked; onClose: () => void }) {
  return (
    <Dialog open onClose={onClose} title={`Why did it change? ${asked.label}`} wide>
      <WhyItChanged metricId={asked.metricId} question={asked.question} onLeave={onClose} />
    </Dialog>
  );
}

interface WhyItChangedProps {
  metricId: string;
  question: Question;
  /** A receipt is about to open. */
  onLeave?: () => void;
}

/** Why a figure changed: in sentences, as parts that are together the whole change, and by each dimension. */
export function WhyItChanged({ metricId, question, onLeave }: WhyItChangedProps) {
  const explanation = useExplanation(metricId, question);
  if (hasFailed(explanation)) return <Failure of={explanation} />;
  if (!explanation.data) return <LoadingLines label="Taking the change apart" lines={10} />;
  return <Explained told={explanation.data} onLeave={onLeave} />;
}

function Explained({ told, onLeave }: { told: Explanation; onLeave: (() => void) | undefined }) {
  const metrics = useMetrics().data ?? NO_METRICS;
  const receipt = useOpenReceipt();
  const open = (id: string) => {
    onLeave?.();
    receipt.open(id);
  };
  const own = metrics.filter(({ metric_id }) => metric_id === told.metric_id);
  const labelOf = (name: string) => dimensionLabel(name, own);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className="grid gap-1 text-told">
        {told.sentences.map((sentence, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: sentences have no identity but their place.
          <p key={at}>
            {sentence.map((piece, place) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: nor have their pieces.
              <Told key={place} piece={piece} unit={told.unit} onOpen={open} />
            ))}
          </p>
        ))}
      </div>
      {told.steps.length > 0 && <Waterfall told={told} by={told.by.map(labelOf).join(" · ")} />}
      {told.divisions.map((division) => (
        <details key={division.dimensions.join("\n")} open={told.kind === "groups"}>
          <summary className="select-none text-accent text-label">
            By {division.dimensions.map(labelOf).join(" and ").toLowerCase()}
            {division.groups_in_all > division.groups.length &&
              `: the first ${division.groups.length} of ${division.groups_in_all}`}
          </summary>
          <Groups groups={division.groups} others={division.others} unit={told.unit} />
          <button
            type="button"
            className="mt-1 rounded text-accent text-small underline-offset-2 hover:underline"
            onClick={() => open(division.receipt_id)}
          >
            Open the receipt of these numbers
          </button>
        </details>
      ))}
      {told.left_out.length > 0 && (
        <p className="text-faint text-small">
          Left out:{" "}
          {told.left_out.map(({ dimension, reason }) => `${labelOf(dimension)} (${reason})`).join("; ")}.
        </p>
      )}
      <p className="flex flex-wrap items-center justify-between gap-2 border-line border-t pt-3 text-small">
        {told.kind === "groups" || told.steps.length === 0 ? (
          <span className="text-faint">Groups have no parts in this change.</span>
        ) : (
          <span className="flex items-center gap-1.5 text-gold">
            <CircleCheck className="size-4" aria-hidden />
            The parts add up to {changeText(told.change, told.unit)}
          </span>
        )}
        <span className="text-faint">
          {told.statements} questions, {told.elapsed_ms.toFixed(0)} ms, no model
        </span>
      </p>
    </div>
  );
}

const valueIn = (value: Cell, unit: string): string =>
  typeof value === "string" ? roundedText(value, unit) : shortText(value, unit);

/** A change with its sign; of percents in points. */
function changeText(value: Cell, unit: string, withSign = true): string {
  const number = numberOf(value);
  if (number === null) return NOTHING;
  const sign = withSign ? (number < 0 ? "−" : "+") : "";
  if (unit === "percent") return `${sign}${fixed(Math.abs(number) * 100, 2)} pt`;
  const size = typeof value === "string" ? value.replace(/^-/, "") : Math.abs(number);
  return sign + valueIn(size, unit);
}

function Told({ piece, unit, onOpen }: { piece: Piece; unit: string; onOpen: (id: string) => void }) {
  if (typeof piece === "string") return piece;
  return (
    <button
      type="button"
      title="Open the receipt"
      className="rounded font-semibold text-ink underline decoration-gold underline-offset-4"
      onClick={() => onOpen(piece.receipt_id)}
    >
      {SHOWN[piece.shown_as](piece.value, unit)}
    </button>
  );
}

const SHOWN: Record<Exclude<Piece, string>["shown_as"], (value: Cell, unit: string) => string> = {
  value: valueIn,
  change: (value, unit) => changeText(value, unit),
  size: (value, unit) => changeText(value, unit, false),
  share: (value) => `${fixed((numberOf(value) ?? 0) * 100, 1, 1)}%`,
  rows: (value) => roundedText(value, "count"),
};

const KIND = { volume: "Volume", mix: "Mix", rate: "Rate", group: "", others: "All others" } as const;
const FILL = {
  volume: "bg-(--c1)",
  mix: "bg-(--c5)",
  rate: "bg-(--c3)",
  group: "bg-(--c1)",
  others: "bg-(--others)",
} as const;

/** The names of groups that stand beside one another: no two are alike. */
function namesOf(groups: Group[]): (key: Cell[]) => string {
  const columns = (groups[0]?.key ?? []).map((_, at) => valueNames(groups.map(({ key }) => key[at] ?? null)));
  return (key) => joined(key.map((value, at) => columns[at]?.(value) ?? valueText(value)));
}

function stepName(step: Step, by: string, nameOf: (key: Cell[]) => string): string {
  if (step.kind === "volume") return "Rows";
  if (step.kind === "mix") return `Mix by ${by.toLowerCase()}`;
  return step.kind === "others" ? KIND.others : nameOf(step.key);
}

function between(step: Step, unit: string): string {
  if (step.before === null && step.now === null) return "";
  const shown = (value: Cell) =>
    step.kind === "volume" ? roundedText(value, "count") : valueIn(value, unit);
  return `${shown(step.before)} to ${shown(step.now)}${step.kind === "rate" && unit !== "percent" ? " each" : ""}`;
}

/** Each part begins where the one before it ended; the last row is the whole change. */
function Waterfall({ told, by }: { told: Explanation; by: string }) {
  const { bars, whole, zero } = waterfallOf(
    told.steps.map(({ amount }) => amount),
    told.change,
  );
  const nameOf = namesOf(told.divisions[0]?.groups ?? []);
  return (
    <table className="w-full border-collapse text-small">
      <caption className="sr-only">What the change is made of: each part, and all of them together</caption>
      <tbody>
        {told.steps.map((step, at) => (
          <tr key={`${step.kind} ${JSON.stringify(step.key)}`}>
            <th scope="row" className="max-w-40 py-1 pr-3 text-left font-normal">
              <span className="block truncate">{stepName(step, by, nameOf)}</span>
              <span className="block text-axis text-faint">
                {[
                  step.kind === "volume" || step.kind === "mix" ? "" : KIND[step.kind],
                  between(step, told.unit),
                ]
                  .filter((each) => each && each !== KIND.others)
                  .join(", ")}
              </span>
            </th>
            <BarCell bar={bars[at]} zero={zero} fill={FILL[step.kind]} />
            <td className="py-1 pl-3 text-right">{changeText(step.amount, told.unit)}</td>
          </tr>
        ))}
        <tr className="border-line border-t">
          <th scope="row" className="py-1.5 pr-3 text-left font-semibold">
            Change
          </th>
          <BarCell bar={whole} zero={zero} fill="bg-ink" />
          <td className="py-1.5 pl-3 text-right font-semibold">{changeText(told.change, told.unit)}</td>
        </tr>
      </tbody>
    </table>
  );
}

function BarCell({
  bar,
  zero,
  fill,
}: {
  bar: { left: number; width: number } | undefined;
  zero: number;
  fill: string;
}) {
  return (
    <td className="w-1/2 py-1" aria-hidden>
      <div className="relative h-4">
        <i className="absolute inset-y-0 border-line border-l" style={{ left: `${zero}%` }} />
        {bar && (
          <i
            className={classes("absolute inset-y-0 rounded-sm", fill)}
            style={{ left: `min(${bar.left}%, 100% - 2px)`, width: `${bar.width}%`, minWidth: 2 }}
          />
        )}
      </div>
    </td>
  );
}

function Groups({ groups, others, unit }: { groups: Group[]; others: Cell; unit: string }) {
  const nameOf = namesOf(groups);
  const hasParts = groups.some(({ amount }) => amount !== null);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
    <section aria-label="Groups" tabIndex={0} className="mt-2 overflow-x-auto">
      <table className="w-full border-collapse text-small">
        <thead>
          <tr className="border-line border-b text-faint">
            <th scope="col" className="py-1 pr-4 text-left font-normal">
              Group
            </th>
            {["was", "is", ...(hasParts ? ["did"] : [])].map((title) => (
              <th key={title} scope="col" className="py-1 pl-4 text-right font-normal">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={JSON.stringify(group.key)} className="border-line/70 border-b">
              <th scope="row" className="py-1 pr-4 text-left font-normal">
                {nameOf(group.key)}
                {group.is_new && <span className="text-faint"> new</span>}
                {group.is_gone && <span className="text-faint"> gone</span>}
              </th>
              <td className="py-1 pl-4 text-right">{valueIn(group.before, unit)}</td>
              <td className="py-1 pl-4 text-right">{valueIn(group.now, unit)}</td>
              {hasParts && <td className="py-1 pl-4 text-right">{changeText(group.amount, unit)}</td>}
            </tr>
          ))}
          {hasParts && numberOf(others) !== 0 && others !== null && (
            <tr className="text-faint">
              <th scope="row" className="py-1 pr-4 text-left font-normal" colSpan={3}>
                All others
              </th>
              <td className="py-1 pl-4 text-right">{changeText(others, unit)}</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  );
}
