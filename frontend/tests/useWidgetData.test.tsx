import { act, screen, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import type { BatchAnswer, Filter, Question, Widget } from "@/api/types";
import { questionsOf } from "@/widgets/useWidgetData";
import { WidgetTile } from "@/widgets/WidgetTile";
import { aKpi, aMetric, anAnswer, aProblem, aProvenance } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

type Asked = Question & { key: string };

/** Answers POST /v1/data and keeps what was asked. */
function answering(answer: (question: Asked, trip: number) => Partial<BatchAnswer>) {
  const trips: Asked[][] = [];
  server.use(
    http.post(at("/v1/data"), async ({ request }) => {
      const { questions } = (await request.json()) as { questions: Asked[] };
      trips.push(questions);
      const answers = questions.map((question) => ({
        key: question.key,
        answer: null,
        problem: null,
        ...answer(question, trips.length),
      }));
      return HttpResponse.json({ answers });
    }),
  );
  return trips;
}

const byRegion = (region: string): Widget => ({
  ...aKpi({ filters: [{ dimension: "region", op: "eq", values: [region] }] }),
  title: region,
});

const FIGURE = aKpi();
const WEST: Filter[] = [{ dimension: "region", op: "eq", values: ["West"] }];

/** A tile on a page that can be filtered. */
function FilteredPage() {
  const [filters, setFilters] = useState<Filter[]>([]);
  return (
    <>
      <button type="button" onClick={() => setFilters(WEST)}>
        West
      </button>
      <WidgetTile widget={FIGURE} filters={filters} />
    </>
  );
}

const regionOf = (question: Asked) => String(question.filters?.[0]?.values?.[0]);

describe("the widgets of a page", () => {
  it("ask in one round trip, sparks included", async () => {
    const trips = answering(() => ({ answer: anAnswer("1410000.00") }));
    const withSpark = {
      ...byRegion("south"),
      spark: { metrics: ["cost_avoided_mtd"], grain: "day" as const },
    };
    show(
      <>
        <WidgetTile widget={byRegion("north")} />
        <WidgetTile widget={withSpark} />
      </>,
    );
    expect(await screen.findAllByText("1.41M", { exact: false })).toHaveLength(2);
    expect(trips.map((trip) => trip.length)).toEqual([3]);
  });

  it("fail alone: the neighbour keeps its number", async () => {
    answering((question) =>
      regionOf(question) === "north" ? { problem: aProblem() } : { answer: anAnswer("1410000.00") },
    );
    show(
      <>
        <WidgetTile widget={byRegion("north")} />
        <WidgetTile widget={byRegion("south")} />
      </>,
    );
    expect(await screen.findByText("postgres: connection refused")).toBeVisible();
    expect(screen.getByTitle("$1,410,000.00")).toBeVisible();
    expect(screen.getByRole("button", { name: "Ask again" })).toBeEnabled();
  });

  it("say which setting is missing, as something else than a failure", async () => {
    const detail = "databricks is not configured: DATABRICKS_HOST is not set.";
    answering(() => ({ problem: aProblem({ kind: "backend_not_configured", detail }) }));
    show(<WidgetTile widget={aKpi()} />);
    expect(await screen.findByText("Not configured")).toBeVisible();
    expect(screen.getByText(detail)).toBeVisible();
  });

  it("keep the last good value, in words, when asking again fails", async () => {
    answering((_, trip) => (trip === 1 ? { answer: anAnswer("1410000.00") } : { problem: aProblem() }));
    const { wire } = show(<WidgetTile widget={aKpi()} />);
    await screen.findByTitle("$1,410,000.00");
    act(() => {
      wire.open();
      wire.say({ kind: "data", backend: "postgres", tables: ["l3_asurion.ev_claim"] });
    });
    expect(await screen.findByText(/last good value, \d+ s old: postgres: connection refused/)).toBeVisible();
    expect(screen.getByTitle("$1,410,000.00")).toBeVisible();
  });

  it("are asked again, together and once, only when what they depend on has moved", async () => {
    const trips = answering((question) => ({
      answer: anAnswer("5", {
        provenance: aProvenance({
          source_tables: [regionOf(question) === "north" ? "l3_asurion.ev_claim" : "l3_asurion.ev_issue"],
        }),
      }),
    }));
    const { wire } = show(
      <>
        <WidgetTile widget={byRegion("north")} />
        <WidgetTile widget={byRegion("south")} />
      </>,
    );
    await waitFor(() => expect(screen.getAllByTitle("$5")).toHaveLength(2));
    act(() => {
      wire.open();
      for (let times = 0; times < 3; times++) {
        wire.say({ kind: "data", backend: "postgres", tables: ["l3_asurion.ev_claim"] });
        wire.say({ kind: "data", backend: "lakehouse", tables: ["l3_asurion.ev_issue"] });
      }
    });
    await waitFor(() => expect(trips).toHaveLength(2));
    expect(trips[1]?.map(regionOf)).toEqual(["north"]);
  });

  it("are asked again when their route moves", async () => {
    const trips = answering(() => ({ answer: anAnswer("5") }));
    const { wire } = show(<WidgetTile widget={aKpi()} />);
    await screen.findByTitle("$5");
    act(() => {
      wire.open();
      wire.say({ kind: "routes", epoch: 4, metrics: ["another_metric"] });
    });
    act(() => wire.say({ kind: "routes", epoch: 5, metrics: ["cost_avoided_mtd"] }));
    await waitFor(() => expect(trips).toHaveLength(2));
  });

  it("are asked once more when something moves while the first answer is on its way", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const trips: number[] = [];
    server.use(
      http.post(at("/v1/data"), async () => {
        trips.push(trips.length);
        // Read before the change; it arrives after the news of it.
        const answer = trips.length === 1 ? anAnswer("5") : anAnswer("6");
        if (trips.length === 1) await held;
        return HttpResponse.json({ answers: [{ key: "q0", answer, problem: null }] });
      }),
    );
    const { wire, client } = show(<WidgetTile widget={aKpi()} />);
    await waitFor(() => expect(trips).toHaveLength(1));
    act(() => {
      wire.open();
      wire.say({ kind: "data", backend: "postgres", tables: ["l3_asurion.ev_claim"] });
    });
    const answer = () => client.getQueryCache().find({ queryKey: ["answer"], exact: false });
    await waitFor(() => expect(answer()?.state.isInvalidated).toBe(true));
    release();
    expect(await screen.findByTitle("$6")).toBeVisible();
    expect(trips).toHaveLength(2);
  });

  it("dim under a new filter what they showed before, which is no answer to it, until there is one", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    server.use(
      http.get(at("/v1/metrics"), () => HttpResponse.json({ metrics: [aMetric()] })),
      http.post(at("/v1/data"), async ({ request }) => {
        const { questions } = (await request.json()) as { questions: Asked[] };
        const isFiltered = questions.some(({ filters }) => (filters ?? []).length > 0);
        if (isFiltered) await held;
        const answer = anAnswer(isFiltered ? "6" : "5");
        return HttpResponse.json({ answers: questions.map(({ key }) => ({ key, answer, problem: null })) });
      }),
    );
    show(<FilteredPage />);
    await screen.findByTitle("$5");
    act(() => screen.getByRole("button", { name: "West" }).click());
    expect(await screen.findByText(/Asking anew/)).toBeVisible();
    expect(screen.getByTitle("$5").closest("[inert]")).not.toBeNull();
    expect(document.querySelector("[data-hallmark], [data-state]")).toBeNull();
    release();
    expect(await screen.findByTitle("$6")).toBeVisible();
    expect(screen.queryByTitle("$5")).toBeNull();
  });

  it("say that the server is gone when nobody answers", async () => {
    server.use(http.post(at("/v1/data"), () => HttpResponse.error()));
    show(<WidgetTile widget={aKpi()} />);
    expect(await screen.findByText("The Assay server does not answer.")).toBeVisible();
  });
});

describe("the page's window", () => {
  const windowed = aMetric();
  const asItStands = aMetric({ metric_id: "active_issues", window: null });

  it("replaces that of a widget which has one", () => {
    expect(questionsOf(aKpi(), "trailing_7d", [windowed])[0]?.window).toBe("trailing_7d");
    expect(questionsOf(aKpi({ window: "trailing_30d" }), "trailing_7d", [windowed])[0]?.window).toBe(
      "trailing_7d",
    );
  });

  it("leaves a count of the present alone", () => {
    const widget = aKpi({ metrics: ["active_issues"] });
    expect(questionsOf(widget, "trailing_7d", [asItStands])[0]).toBe(widget.question);
  });

  it("is told on the tile by the window that was asked, and takes MTD out of the title", async () => {
    answering(() => {
      const answer = anAnswer("5");
      return {
        answer: {
          ...answer,
          question: {
            ...answer.question,
            window: { name: "trailing_7d", start: "", end: "", timezone: "UTC" },
          },
        },
      };
    });
    show(<WidgetTile widget={{ ...aKpi(), subtitle: "this month" }} window="trailing_7d" />);
    expect(await screen.findByText("last 7 days")).toBeVisible();
    expect(screen.getByRole("heading", { name: /^Cost avoided/ })).not.toHaveTextContent("MTD");
    expect(screen.queryByText("this month")).toBeNull();
  });
});
