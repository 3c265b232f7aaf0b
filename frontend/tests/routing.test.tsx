import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import { madeOld } from "@/api/moved";
import type { Comparison, Gap, GrainCompared, Route, RouteStory, ShadowLine } from "@/api/types";
import { RoutingPage } from "@/features/routing/RoutingPage";
import { cleanInARow, median, shadowSentence } from "@/features/routing/shadow";
import { gapShare, grainWords, groupWords, signedText, verdictSentence } from "@/features/routing/words";
import { Notices } from "@/ui/Notices";
import { aMetric, aProblem, aWorkspace } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const aGap = (over: Partial<Gap> = {}): Gap => ({
  key: ["West"],
  from: "279738.92",
  to: "167843.24",
  difference: "-111895.68",
  missing_on: null,
  ...over,
});

const aGrain = (over: Partial<GrainCompared> = {}): GrainCompared => ({
  grain: "region",
  verdict: "differs",
  rows: 6,
  differing: 1,
  gap: "-111895.68",
  reason: null,
  largest: [aGap()],
  ...over,
});

const aSide = (backend: string, driver: string) => ({
  backend,
  driver,
  sql_hash: "30a08f5babea1052",
  schema: "193056daaa16a817",
  data_version: "ev_claim:1",
  data_version_kind: "counter",
  engine_ms: 8.9,
});

const aComparison = (over: Partial<Comparison> = {}): Comparison => ({
  certificate_id: "crt_1",
  metric_id: "cost_avoided_mtd",
  label: "Cost avoided (MTD)",
  from: "postgres",
  to: "lakehouse",
  verdict: "differs",
  reason: "lakehouse differs from postgres by -111895.68, at 2 of 3 grains",
  definition_version: "d1",
  formula: "SUM(cost_avoided_usd)",
  question: {
    metrics: ["cost_avoided_mtd"],
    dimensions: [],
    filters: [],
    window: null,
    previous: null,
    as_of: "2026-11-23T10:41:07Z",
    grain: null,
    compare: null,
    order: [],
    limit: null,
  },
  tolerance: { relative: 0, absolute: 0 },
  sides: [aSide("postgres", "postgres"), aSide("lakehouse", "duckdb")],
  behind: null,
  grains: [
    aGrain({
      grain: "total",
      rows: 1,
      largest: [aGap({ key: [], from: "1410000", to: "1298104.32" })],
    }),
    aGrain(),
    aGrain({ grain: "time:day", verdict: "equal", differing: 0, gap: "0", largest: [] }),
  ],
  explained_by: { grain: "region", groups: [aGap()], share: 1 },
  elapsed_ms: 521,
  created_at: new Date().toISOString(),
  accepted: null,
  ...over,
});

const aRoute = (over: Partial<Route> = {}): Route => ({
  metric_id: "cost_avoided_mtd",
  label: "Cost avoided (MTD)",
  backend: "postgres",
  driver: "postgres",
  epoch: 1,
  line: 13,
  parity: { standing: "unproven", reason: null, certificate_id: null, backend: null },
  compared_at: null,
  previous: null,
  shadow: null,
  latencies: [],
  pending: null,
  choices: [
    { backend: "postgres", driver: "postgres", ok: true, reason: null },
    { backend: "lakehouse", driver: "duckdb", ok: true, reason: null },
    { backend: "spark", driver: "spark", ok: false, reason: "set SPARK_REMOTE in the environment" },
  ],
  ...over,
});

const aStory = (over: Partial<RouteStory> = {}): RouteStory => ({
  route: aRoute(),
  comparisons: [],
  changes: [],
  shadows: [],
  ...over,
});

const aShadow = (verdict: ShadowLine["verdict"], here_ms: number | null = 4): ShadowLine => ({
  backend: "postgres",
  shadow: "lakehouse",
  verdict,
  reason: "as it is",
  here_ms,
  there_ms: 8,
  compared_at: new Date().toISOString(),
});

function serve(routes: Route[], story: RouteStory = aStory()) {
  server.use(
    http.get(at("/v1/routes"), () =>
      HttpResponse.json({ epoch: 3, file: "config/metric_routing.yaml", routes, problems: [] }),
    ),
    http.get(at("/v1/routes/cost_avoided_mtd"), () => HttpResponse.json(story)),
    http.get(at("/v1/workspace"), () =>
      HttpResponse.json(
        aWorkspace({
          backends: [
            {
              name: "postgres",
              driver: "postgres",
              state: "ready",
              detail: null,
              missing: [],
              data_version_kind: "counter",
            },
            {
              name: "lakehouse",
              driver: "duckdb",
              state: "ready",
              detail: null,
              missing: [],
              data_version_kind: "file",
            },
            {
              name: "spark",
              driver: "spark",
              state: "not_configured",
              detail: null,
              missing: ["SPARK_REMOTE"],
              data_version_kind: null,
            },
          ],
        }),
      ),
    ),
  );
}

const STORY = "/routing?metric=cost_avoided_mtd";

beforeEach(() => localStorage.clear());

describe("the words of a comparison", () => {
  it("tell how much less the other side gives, in the metric's unit", () => {
    expect(verdictSentence(aComparison(), "usd")).toBe(
      "lakehouse gives $111,895.68 less than postgres, at 2 of 3 grains.",
    );
    const grains = [aGrain({ grain: "total", verdict: "equal", differing: 0, largest: [] }), aGrain()];
    expect(verdictSentence(aComparison({ grains }), "usd")).toContain("the same total as postgres, but");
    expect(verdictSentence(aComparison({ verdict: "equal" }), "usd")).toContain("the same at all 3 grains");
  });

  it("name grains by their labels and groups by what they hold", () => {
    expect(grainWords("region", aMetric())).toBe("Region");
    expect(grainWords("region x channel", aMetric())).toBe("Region × channel");
    expect(grainWords("time:day", undefined)).toBe("By day");
    expect(grainWords("time:day x region", aMetric())).toBe("Day × Region");
    expect(groupWords(aGap({ key: [null, ""] }), "region x channel")).toBe("(empty) / (blank)");
    expect(groupWords(aGap({ key: ["2026-03-09"] }), "time:day")).toBe("9 Mar");
    expect(groupWords(aGap({ key: ["2026-03-09", "West"] }), "time:day x region")).toBe("9 Mar / West");
  });

  it("keep signs, cents and tiny shares", () => {
    expect(signedText("0.5", "usd")).toBe("+$0.50");
    expect(signedText("-3", "count")).toBe("−3");
    expect(signedText(null, "usd")).toBe("–");
    expect(gapShare("-25", "100")).toBe("−25.0%");
    expect(gapShare("0.01", "1410000")).toBe("<0.001%");
    expect(gapShare("1", "0")).toBeNull();
  });
});

describe("a shadow's history", () => {
  it("counts what agreed, and how many in a row", () => {
    const lines = [
      aShadow("equal"),
      aShadow("within_tolerance"),
      aShadow("differs"),
      aShadow("not_comparable"),
    ];
    expect(shadowSentence(lines)).toBe("2 of the last 4 agreed, 1 differs, 1 could not be compared.");
    expect(cleanInARow(lines)).toBe(2);
    expect(median([null, 3, 1, 9])).toBe(3);
    expect(median([null])).toBeNull();
  });
});

describe("what the stream makes old", () => {
  it("is a route's story when its comparison is over, and nothing while it goes on", () => {
    const message = {
      kind: "parity",
      metric_id: "m",
      backend: "b",
      done: 1,
      of: 2,
      grain: "x",
      verdict: null,
    } as const;
    expect(madeOld({ ...message, state: "comparing" })).toEqual([]);
    expect(madeOld({ ...message, state: "done" })).toEqual([["routes"], ["route", "m"]]);
    expect(madeOld({ ...message, state: "shadow" })).toEqual([["route", "m"]]);
  });
});

/** With what says what has been done. */
const showRouting = () =>
  show(
    <>
      <RoutingPage />
      <Notices />
    </>,
    "/routing",
  );

describe("the list of routes", () => {
  it("shows how far a comparison has come, as the stream tells it", async () => {
    serve([aRoute()]);
    const { wire } = show(<RoutingPage />, "/routing");
    await screen.findByRole("button", { name: "Compare Cost avoided (MTD) with lakehouse" });
    const message = {
      kind: "parity",
      metric_id: "cost_avoided_mtd",
      backend: "lakehouse",
      grain: "region",
      verdict: null,
    } as const;
    act(() => {
      wire.open();
      wire.say({ ...message, state: "comparing", done: 4, of: 23 });
    });
    const bar = await screen.findByRole("progressbar", { name: "Cost avoided (MTD) with lakehouse" });
    expect(bar).toHaveAttribute("aria-valuetext", "4 of 23 grains");
    act(() => wire.say({ ...message, state: "done", done: 0, of: 0 }));
    await waitFor(() => expect(screen.queryByRole("progressbar")).toBeNull());
  });

  it("tells why an edit is not in force, and takes it back", async () => {
    const pending = {
      backend: "lakehouse",
      state: "refused",
      reason: "lakehouse differs from postgres by -111895.68",
      mend: null,
      line: 13,
      certificate_id: "crt_1",
    } as const;
    serve([aRoute({ pending })]);
    let sent: unknown;
    server.use(
      http.put(at("/v1/routes"), async ({ request }) => {
        sent = await request.json();
        const outcome = {
          metric_id: "cost_avoided_mtd",
          backend: "postgres",
          flipped: true,
          reason: "postgres serves it",
        };
        return HttpResponse.json({ epoch: 3, outcomes: [{ ...outcome, mend: null, certificate_id: null }] });
      }),
    );
    showRouting();
    const edit = await screen.findByRole("region", { name: "The edit of Cost avoided (MTD)" });
    expect(edit).toHaveTextContent("Not moved to lakehouse; postgres keeps serving.");
    expect(edit).toHaveTextContent("config/metric_routing.yaml:13");
    await userEvent.click(within(edit).getByRole("button", { name: "Take the edit back" }));
    expect(await screen.findByText("The file says postgres for Cost avoided (MTD) again.")).toBeVisible();
    expect(sent).toEqual({ routes: { cost_avoided_mtd: "postgres" } });
  });

  it("says so where the filter leaves nothing, and undoes it", async () => {
    serve([aRoute()]);
    show(<RoutingPage />, "/routing?standing=differs");
    await userEvent.click(await screen.findByRole("button", { name: "Show all 1" }));
    expect(screen.getByRole("link", { name: "Cost avoided (MTD)" })).toBeVisible();
  });

  it("says why a roll back failed", async () => {
    serve([aRoute({ previous: "lakehouse" })]);
    const problem = aProblem({ kind: "route_refused", detail: "lakehouse cannot be asked", status: 409 });
    server.use(
      http.post(at("/v1/routes/cost_avoided_mtd/rollback"), () =>
        HttpResponse.json(problem, { status: 409 }),
      ),
    );
    showRouting();
    await userEvent.click(await screen.findByRole("button", { name: /Roll back/ }));
    expect(await screen.findByRole("region", { name: "Notices" })).toHaveTextContent(
      "lakehouse cannot be asked",
    );
  });
});

describe("the comparison laid out", () => {
  it("has both totals, the groups that explain the gap, every grain and what is bound", async () => {
    serve([aRoute()], aStory({ comparisons: [aComparison()] }));
    show(<RoutingPage />, STORY);
    const paper = await screen.findByRole("article", { name: "Comparison" });
    expect(await within(paper).findByText("$1,410,000.00")).toBeVisible();
    const why = within(paper).getByRole("region", { name: "What explains the gap" });
    expect(why).toHaveTextContent("Region: 1 of 6 groups holds the whole gap");
    expect(within(why).getByRole("listitem")).toHaveTextContent("−$111,895.68−40.0%");
    await userEvent.click(within(paper).getByRole("button", { name: "Region" }));
    expect(within(paper).getByRole("list", { name: "Groups that differ, by Region" })).toHaveTextContent(
      "West",
    );
    expect(within(paper).getByRole("region", { name: "What the certificate binds" })).toHaveTextContent(
      "none: exact",
    );
  });

  it("names the side that lacks a group, and the one that is behind", async () => {
    const gap = aGap({ to: null, missing_on: "lakehouse" });
    const behind = { backend: "lakehouse", seconds: 14_400, newest: "2026-11-23T06:00:00+00:00" };
    const found = aComparison({
      verdict: "not_comparable",
      reason: "lakehouse is 4 hours behind postgres; up to its newest row the two agree",
      behind,
      explained_by: { grain: "region", groups: [gap], share: 1 },
    });
    serve([aRoute()], aStory({ comparisons: [found] }));
    show(<RoutingPage />, STORY);
    expect(await screen.findByText("none on lakehouse")).toBeVisible();
    expect(screen.getByRole("region", { name: "Which side is behind" })).toHaveTextContent(
      "lakehouse is 4 hours behind.",
    );
  });

  it("says who accepted a difference and why", async () => {
    const accepted = { reason: "West is elsewhere", by: "Ana", at: new Date().toISOString() };
    serve([aRoute()], aStory({ comparisons: [aComparison({ accepted })] }));
    show(<RoutingPage />, STORY);
    expect(await screen.findByText("Accepted by Ana")).toBeVisible();
    expect(screen.getByText(/West is elsewhere/)).toBeVisible();
  });

  it("opens by the certificate's name alone", async () => {
    serve([aRoute()], aStory({ comparisons: [] }));
    server.use(
      http.get(at("/v1/routes/certificates/crt_old"), () =>
        HttpResponse.json(aComparison({ certificate_id: "crt_old" })),
      ),
    );
    show(<RoutingPage />, "/routing?certificate=crt_old");
    expect(await screen.findByRole("article", { name: "Comparison" })).toBeVisible();
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Cost avoided (MTD)");
  });

  it("is explained where there is none yet, with what keeps a backend away", async () => {
    serve([aRoute()]);
    show(<RoutingPage />, STORY);
    expect(await screen.findByRole("heading", { name: "Never compared" })).toBeVisible();
    expect(screen.getByText("set SPARK_REMOTE in the environment")).toBeVisible();
  });
});

describe("moving a metric", () => {
  it("asks a reason and a name once the two differ, and remembers the name", async () => {
    serve([aRoute()], aStory());
    const bodies: Record<string, unknown>[] = [];
    server.use(
      http.get(at("/v1/routes/certificates/crt_1"), () => HttpResponse.json(aComparison())),
      http.put(at("/v1/routes"), async ({ request }) => {
        const body = (await request.json()) as Record<string, unknown>;
        bodies.push(body);
        const flipped = "accept_difference" in body;
        const outcome = {
          metric_id: "cost_avoided_mtd",
          backend: "lakehouse",
          flipped,
          reason: "lakehouse differs",
        };
        return HttpResponse.json({
          epoch: 4,
          outcomes: [{ ...outcome, mend: null, certificate_id: "crt_1" }],
        });
      }),
    );
    show(<RoutingPage />, STORY);
    await userEvent.click(await screen.findByRole("button", { name: "Move here… to lakehouse" }));
    const dialog = await screen.findByRole("dialog");
    await userEvent.click(within(dialog).getByRole("button", { name: "Compare and move" }));
    expect(await within(dialog).findByText("Stays where it is")).toBeVisible();
    expect(await within(dialog).findByRole("region", { name: "What explains the gap" })).toBeVisible();
    await userEvent.type(
      within(dialog).getByLabelText("Why the difference is accepted"),
      "West is elsewhere",
    );
    await userEvent.type(within(dialog).getByLabelText("Your name"), "Ana");
    await userEvent.click(within(dialog).getByRole("button", { name: "Accept and move" }));
    expect(await within(dialog).findByText("Moved")).toBeVisible();
    expect(bodies).toEqual([
      { routes: { cost_avoided_mtd: "lakehouse" } },
      { routes: { cost_avoided_mtd: "lakehouse" }, by: "Ana", accept_difference: "West is elsewhere" },
    ]);
    expect(localStorage.getItem("assay.name")).toBe("Ana");
  });
});
