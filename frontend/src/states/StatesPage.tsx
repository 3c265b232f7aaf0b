/**
 * `/_states`, while the page is developed: every kind of tile in every case, without a server. `?kind=bar` shows one kind alone,
 * `?case=partial` all kinds in one case.
 */
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { answerKey } from "@/api/answers";
import { LiveProvider } from "@/api/LiveProvider";
import type { Source } from "@/api/LiveStream";
import { ProblemError } from "@/api/problem";
import { KINDS } from "@/charts/kinds";
import { hues } from "@/charts/useHues";
import type { Kind } from "@/question/edits";
import { loadFonts } from "@/ui/fonts";
import { WidgetTile } from "@/widgets/WidgetTile";
import { type CaseName, casesOf, HUES_OF, KIND_NAMES, METRICS, type Shown, shownOf } from "./cases";

/** Whatever is asked beyond what stands here is waited for, and for ever: there is no server. */
function withoutServer(): QueryClient {
  globalThis.fetch = () => new Promise(() => {});
  const never = {
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
    retryOnMount: false,
    refetchOnMount: false,
  };
  return new QueryClient({ defaultOptions: { queries: { ...never, networkMode: "always" } } });
}

function put(client: QueryClient, { widget, answer, problem }: Shown) {
  const query = client.getQueryCache().build(client, { queryKey: answerKey(widget.question) });
  if (answer) query.setData(answer);
  if (problem) query.setState({ ...query.state, status: "error", error: new ProblemError(problem) });
}

function clientOf(): QueryClient {
  const client = withoutServer();
  client.setQueryData(["metrics"], METRICS);
  for (const kind of KIND_NAMES) for (const name of casesOf(kind)) put(client, shownOf(kind, name));
  const metrics = Object.fromEntries(
    METRICS.map(({ metric_id }, at) => [JSON.stringify([metric_id]), at + 1]),
  );
  hues.take([
    ...["product", "region"].map((dimension) => ({ dimension, hues: HUES_OF, chosen: [] })),
    { dimension: "metric", hues: metrics, chosen: [] },
  ]);
  return client;
}

const silent = (): Source => {
  const source: Source = { onopen: null, onmessage: null, onerror: null, close: () => {} };
  queueMicrotask(() => {
    source.onopen?.();
    const hello = { kind: "hello", sees: null, route_epoch: 1, catalog_version: "c", resumed: true };
    source.onmessage?.({ data: JSON.stringify(hello) });
  });
  return source;
};

function Sample({ kind, name }: { kind: Kind; name: CaseName }) {
  return (
    <section
      aria-label={`${kind}, ${name}`}
      className="grid min-w-0 grid-cols-[minmax(0,1fr)] content-start gap-1 [--rows:22rem]"
    >
      <div className={kind === "kpi" || kind === "text" ? "h-[11rem]" : "h-[22rem]"}>
        <WidgetTile widget={shownOf(kind, name).widget} tileId={`${kind} ${name}`} />
      </div>
    </section>
  );
}

const GRID = "grid gap-3 [grid-template-columns:repeat(auto-fill,minmax(min(100%,23rem),1fr))]";

export function StatesPage() {
  const [client] = useState(clientOf);
  useEffect(loadFonts, []);
  const [search] = useSearchParams();
  const [wanted, wantedCase] = [search.get("kind"), search.get("case")];
  const kinds = KIND_NAMES.filter((kind) => wanted === null || kind === wanted);
  const samples = kinds.map((kind) => ({
    kind,
    names: casesOf(kind).filter((name) => wantedCase === null || name === wantedCase),
  }));
  return (
    <QueryClientProvider client={client}>
      <LiveProvider open={silent}>
        <main className="grid gap-6 p-5">
          <h1 className="text-title font-semibold">Every kind in every case</h1>
          {wantedCase === null ? (
            samples.map(({ kind, names }) => (
              <section key={kind} aria-labelledby={kind} className="grid gap-3">
                <h2 id={kind} className="text-told font-semibold">
                  {KINDS[kind].label}
                </h2>
                <div className={GRID}>
                  {names.map((name) => (
                    <Sample key={name} kind={kind} name={name} />
                  ))}
                </div>
              </section>
            ))
          ) : (
            <div className={GRID}>
              {samples.map(({ kind, names }) =>
                names.map((name) => <Sample key={kind} kind={kind} name={name} />),
              )}
            </div>
          )}
        </main>
      </LiveProvider>
    </QueryClientProvider>
  );
}
