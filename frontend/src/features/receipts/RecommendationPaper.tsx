import { Braces } from "lucide-react";
import { useState } from "react";
import { useRecommendation } from "@/api/loop";
import type { RecommendationDetail } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { exactText, numberOf } from "@/format/numbers";
import { clockText } from "@/format/times";
import { humanName } from "@/format/words";
import { Button } from "@/ui/Button";
import { Fact, Facts } from "@/ui/Facts";
import { shortId } from "@/ui/ids";
import { Json } from "@/ui/Json";
import { LoadingLines } from "@/ui/Skeleton";
import { Failure } from "@/widgets/Failure";
import { ReceiptFoot, useRecommendationCheck } from "./ReceiptFoot";

const Rule = () => <hr className="rule-dashed my-2.5 border-0 border-t" />;

/** The receipts of decisions are addressed by their recommendation. */
export const isRecommendation = (receiptId: string): boolean => receiptId.startsWith("rec_");

export function RecommendationReceipt({ recommendationId }: { recommendationId: string }) {
  const read = useRecommendation(recommendationId);
  if (read.data) return <RecommendationPaper recommendation={read.data} />;
  if (read.error) return <Failure of={read} />;
  return <LoadingLines label="Loading the receipt" lines={10} />;
}

/** A recommendation set like a receipt: what was decided on, by which rules, with which scores, and the signature. */
export function RecommendationPaper({ recommendation }: { recommendation: RecommendationDetail }) {
  const [isJson, setJson] = useState(false);
  const check = useRecommendationCheck(recommendation.receipt);
  return (
    <div className="flex min-h-full flex-col text-label">
      <h2 className="text-said font-semibold">{recommendation.label}</h2>
      {isJson ? (
        <div className="my-2">
          <Json value={recommendation} label="Copy JSON" />
        </div>
      ) : (
        <>
          <p className="my-0.5 text-[1.923rem] leading-tight font-semibold tracking-[-.02em]">
            {exactText(recommendation.saving_usd, "usd")}{" "}
            <span className="text-body font-normal tracking-normal text-soft">saved if approved</span>
          </p>
          <p className="mb-2.5 text-soft">{recommendation.rationale}</p>
          <WhatAndWhen recommendation={recommendation} />
          <Rule />
          <Scores recommendation={recommendation} />
          <Rule />
          <Reasons recommendation={recommendation} />
          <Rule />
          <Inputs context={recommendation.context} />
        </>
      )}
      <div className="my-3">
        <Button onClick={() => setJson(!isJson)} aria-pressed={isJson}>
          <Braces className="size-3.5" aria-hidden />
          JSON
        </Button>
      </div>
      <ReceiptFoot
        of="recommendation"
        id={recommendation.recommendation_id}
        receipt={recommendation.receipt}
        check={check}
      />
    </div>
  );
}

function WhatAndWhen({ recommendation }: { recommendation: RecommendationDetail }) {
  const timezone = useWorkspace().data?.timezone ?? "UTC";
  const { rules, bindings, decided_by: by, decided_at: at } = recommendation;
  const wording =
    recommendation.author === "model"
      ? `${recommendation.model ?? "a model"}; the rules decided`
      : `rules${recommendation.author_note ? `; ${recommendation.author_note}` : ""}`;
  return (
    <Facts>
      <Fact name="Event">
        {recommendation.event_type} <span className="text-faint">{recommendation.event_id}</span>
      </Fact>
      <Fact name="Decided on">{clockText(recommendation.created_at, timezone)}</Fact>
      <Fact name="State">
        {recommendation.state}
        {by && ` by ${by}`}
        {at && `, ${clockText(at, timezone)}`}
      </Fact>
      <Fact name="Costs">{exactText(recommendation.cost_usd, "usd")}</Fact>
      <Fact name="Worded by">{wording}</Fact>
      <Fact name="Rules">
        <span title={rules.version}>
          {rules.file} {shortId(rules.version)}
        </span>
      </Fact>
      <Fact name="Bindings">
        <span title={bindings.version}>
          {bindings.file} {shortId(bindings.version)}
        </span>
      </Fact>
    </Facts>
  );
}

function Scores({ recommendation }: { recommendation: RecommendationDetail }) {
  const scores = Object.entries(recommendation.scores).sort(
    ([, a], [, b]) => (numberOf(b) ?? -1) - (numberOf(a) ?? -1),
  );
  const largest = Math.max(...scores.map(([, score]) => numberOf(score) ?? 0), 0) || 1;
  return (
    <section aria-label="Scores">
      <ul className="grid grid-cols-[minmax(0,auto)_minmax(40px,1fr)_auto] items-center gap-x-2.5 gap-y-1">
        {scores.map(([action, score]) => (
          <li key={action} className="col-span-3 grid grid-cols-subgrid items-center">
            <span className={action === recommendation.action ? "font-medium" : "text-soft"}>
              {humanName(action)}
            </span>
            <span aria-hidden className="h-1.5 rounded-full bg-sunken">
              <span
                className="block h-full rounded-full bg-accent"
                style={{ width: `${((numberOf(score) ?? 0) / largest) * 100}%` }}
              />
            </span>
            <span className={score === null ? "text-faint" : "font-medium"}>
              {score === null ? "ruled out" : (numberOf(score)?.toFixed(2) ?? score)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Reasons({ recommendation }: { recommendation: RecommendationDetail }) {
  const spoken = new Set(recommendation.reasons.map((each) => each.code));
  const others = recommendation.held.filter((code) => !spoken.has(code));
  return (
    <section aria-label="Reasons">
      <ul className="grid gap-1">
        {recommendation.reasons.map((reason) => (
          <li key={reason.code} className="flex items-baseline justify-between gap-3">
            <span className="min-w-0 text-soft">
              {reason.text}{" "}
              <span className="font-mono text-axis text-faint [overflow-wrap:anywhere]">{reason.code}</span>
            </span>
            <span className="shrink-0">+{numberOf(reason.weight)?.toFixed(2) ?? reason.weight}</span>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <p className="mt-1 text-faint">
          Also held: {others.map((code) => humanName(code.toLowerCase())).join(", ")}.
        </p>
      )}
    </section>
  );
}

/** Everything that the rules could look at, part by part. */
function Inputs({ context }: { context: RecommendationDetail["context"] }) {
  return (
    <section aria-label="Inputs">
      {Object.entries(context).map(([part, values]) => (
        <details key={part} className="border-line/70 border-b py-1 last:border-b-0">
          <summary className="text-soft">{humanName(part)}</summary>
          <div className="py-1.5 pl-3">
            <Values values={values} />
          </div>
        </details>
      ))}
    </section>
  );
}

function Values({ values }: { values: unknown }) {
  if (values === null || typeof values !== "object") return <p>{String(values ?? "nothing found")}</p>;
  return (
    <dl className="grid grid-cols-[minmax(0,auto)_minmax(0,1fr)] gap-x-3 gap-y-0.5">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-faint">{humanName(name)}</dt>
          <dd className="text-right [overflow-wrap:anywhere]">
            {value === null ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value)}
          </dd>
        </div>
      ))}
    </dl>
  );
}
