import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it } from "vitest";
import type { Recommendation } from "@/api/types";
import { neighbour } from "@/charts/map/atlas";
import { classesOf } from "@/charts/map/classes";
import { STATES } from "@/charts/map/states";
import { outcomeOf } from "@/features/desk/outcomes";
import { Recommendations } from "@/features/desk/Recommendations";
import { Signals } from "@/features/desk/Signals";
import { OpenRecommendations } from "@/widgets/OpenRecommendations";
import { aProblem, aRecommendation } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const soon = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

/** The server's side: one recommendation, and how often it was asked to decide. */
function aServer(first: Recommendation) {
  let held = first;
  const asked: string[] = [];
  const become = (name: string, change: Partial<Recommendation>) => {
    asked.push(name);
    held = { ...held, ...change, revision: held.revision + 1 };
    return HttpResponse.json(held);
  };
  const path = at(`/v1/recommendations/${first.recommendation_id}`);
  server.use(
    http.get(at("/v1/recommendations"), () => HttpResponse.json({ recommendations: [held] })),
    http.post(`${path}/approve`, () =>
      become("approve", {
        state: "approved",
        decided_by: "operator",
        decided_at: soon(0),
        undo_until: soon(60),
      }),
    ),
    http.post(`${path}/dismiss`, async ({ request }) => {
      const body = (await request.json()) as { reason: string };
      return become("dismiss", { state: "dismissed", decided_at: soon(0), dismiss_reason: body.reason });
    }),
    http.post(`${path}/undo`, () =>
      become("undo", { state: "open", decided_by: null, decided_at: null, undo_until: null }),
    ),
    http.get(at("/v1/alerts"), () => HttpResponse.json({ alerts: [] })),
  );
  return asked;
}

const panel = <Recommendations chosenId={null} onChoose={() => {}} />;

describe("a recommendation", () => {
  it("says what to do, what it saves, why, and who put it into words", async () => {
    aServer(aRecommendation());
    show(panel);
    const card = await screen.findByRole("article", { name: "Book same-day repair" });
    expect(card).toHaveTextContent("$210.00");
    expect(card).toHaveTextContent("worded by rules");
    expect(within(card).getByRole("list", { name: "Reasons" })).toHaveTextContent(
      "12 parts are on the shelf",
    );
  });

  it("is approved once, however often it is clicked, and can be taken back", async () => {
    const asked = aServer(aRecommendation());
    show(panel);
    const approve = await screen.findByRole("button", { name: /^Approve/ });
    fireEvent.click(approve);
    fireEvent.click(approve);
    fireEvent.click(approve);
    expect(await screen.findByText("Approved: Book same-day repair.")).toBeVisible();
    const undo = await screen.findByRole("button", { name: /^Undo/ });
    expect(undo).toHaveTextContent(/(60|59) s/);
    await waitFor(() => expect(undo).toHaveFocus());
    expect(asked).toEqual(["approve"]);
    await userEvent.click(undo);
    expect(await screen.findByRole("button", { name: /^Approve/ })).toBeEnabled();
    expect(asked).toEqual(["approve", "undo"]);
  });

  it("offers no way back once the minute is over", async () => {
    aServer(aRecommendation({ state: "approved", decided_at: soon(-70), undo_until: soon(-10) }));
    show(panel);
    expect(await screen.findByText(/^Approved/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Undo/ })).toBeNull();
  });

  it("is dismissed with a reason only", async () => {
    const asked = aServer(aRecommendation());
    show(panel);
    await userEvent.click(await screen.findByRole("button", { name: /^Dismiss…/ }));
    const dismiss = await screen.findByRole("button", { name: "Dismiss" });
    expect(dismiss).toBeDisabled();
    await userEvent.type(screen.getByRole("textbox"), "wrong device");
    await userEvent.click(dismiss);
    expect(await screen.findByText(/“wrong device”/)).toBeVisible();
    expect(asked).toEqual(["dismiss"]);
  });

  it("that was decided elsewhere meanwhile says so, and shows what is there now", async () => {
    aServer(aRecommendation());
    server.use(
      http.post(at("/v1/recommendations/rec_1/approve"), () => {
        server.use(
          http.get(at("/v1/recommendations"), () =>
            HttpResponse.json({ recommendations: [aRecommendation({ state: "dismissed", revision: 2 })] }),
          ),
        );
        const problem = aProblem({
          status: 409,
          detail: "The recommendation is dismissed already.",
          mend: "undo that first",
        });
        return HttpResponse.json(problem, { status: 409 });
      }),
    );
    show(panel);
    await userEvent.click(await screen.findByRole("button", { name: /^Approve/ }));
    expect(await screen.findByText(/dismissed already\. Undo that first\./)).toBeVisible();
    expect(await screen.findByText(/^Dismissed/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Approve/ })).toBeNull();
  });

  it("appears by itself when the stream tells of it", async () => {
    server.use(http.get(at("/v1/recommendations"), () => HttpResponse.json({ recommendations: [] })));
    const { wire } = show(panel);
    expect(await screen.findByText("No open recommendations")).toBeVisible();
    expect(await screen.findByText("assay demo scenario screen_damage")).toBeVisible();
    aServer(aRecommendation());
    act(() => {
      wire.open();
      wire.say({ kind: "loop", recommendations: ["rec_1"] });
    });
    expect(await screen.findByRole("article", { name: "Book same-day repair" })).toBeVisible();
  });

  it("that cannot be read is told with its mend; where there is no loop nothing is broken", async () => {
    const refused = aProblem({ detail: "The store does not answer.", mend: "It is asked again by itself." });
    server.use(http.get(at("/v1/recommendations"), () => HttpResponse.json(refused, { status: 503 })));
    const first = show(panel);
    expect(await screen.findByRole("alert")).toHaveTextContent("The store does not answer.");
    first.unmount();
    const unset = aProblem({
      status: 409,
      kind: "loop_unavailable",
      detail: "This workspace has no closed loop.",
    });
    server.use(http.get(at("/v1/alerts"), () => HttpResponse.json(unset, { status: 409 })));
    show(<Signals customerId={null} onChooseCase={() => {}} onChooseCustomer={() => {}} />);
    expect(await screen.findByText("This workspace has no closed loop.")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("while the stream is away is as old as it is", async () => {
    aServer(aRecommendation());
    const { wire } = show(panel);
    await screen.findByRole("article");
    act(() => wire.open());
    expect(screen.queryByText(/as of/)).toBeNull();
    act(wire.fail);
    expect(screen.getByText(/, as of \d+ s ago/)).toBeVisible();
  });
});

describe("above a dashboard", () => {
  it("each open recommendation is a line; where none is open there is nothing", async () => {
    aServer(aRecommendation());
    const { client } = show(<OpenRecommendations />);
    const line = await screen.findByRole("region", { name: "Open recommendations" });
    expect(within(line).getByRole("link")).toHaveAttribute("href", "/desk?case=rec_1");
    act(() => client.setQueryData(["recommendations"], [aRecommendation({ state: "approved" })]));
    await waitFor(() => expect(screen.queryByRole("region")).toBeNull());
  });
});

describe("what came of a decision", () => {
  const now = Date.parse("2026-11-23T10:00:00Z");
  const approved = (over: Partial<Recommendation>) =>
    outcomeOf({ kind: "approve", by: "Ana" }, aRecommendation({ state: "approved", ...over }), now);

  it("is one's own, or was somebody else's before", () => {
    const mine = { decided_by: "Ana", decided_at: "2026-11-23T10:00:00.300Z" };
    expect(approved(mine)).toEqual({ text: "Approved: Book same-day repair.", isGood: true });
    expect(approved({ ...mine, decided_by: "Ben" }).text).toBe(
      "Ben had approved this already; it was done once.",
    );
    expect(approved({ ...mine, decided_at: "2026-11-23T09:59:00Z" }).text).toBe(
      "This was approved already; it was done once.",
    );
  });
});

describe("the map", () => {
  it("has fifty states and the district, from the package", () => {
    expect(STATES.shapes).toHaveLength(51);
    expect(STATES.shapes.every((state) => state.path.startsWith("M"))).toBe(true);
  });

  it("goes from state to state by arrow", () => {
    expect(neighbour(STATES.shapes, "Kansas", "ArrowUp")).toBe("Nebraska");
    expect(neighbour(STATES.shapes, "Nebraska", "ArrowDown")).toBe("Kansas");
    expect(neighbour(STATES.shapes, "Nevada", "ArrowLeft")).toBe("California");
    const reached = new Set(["Kansas"]);
    for (const from of reached) {
      for (const way of ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"] as const)
        reached.add(neighbour(STATES.shapes, from, way));
    }
    expect(reached.size, "every state is reached by arrows alone").toBe(51);
  });

  it("puts about as many states into each class", () => {
    const rows = Array.from({ length: 50 }, (_, index) => ({
      name: `${index}`,
      value: index ** 2,
      previous: null,
      size: index ** 2,
    }));
    const counts = classesOf(rows).map(
      ({ low, high }) => rows.filter(({ size }) => size >= low.size && size <= high.size).length,
    );
    expect(counts).toEqual([10, 10, 10, 10, 10]);
    expect(classesOf([])).toEqual([]);
  });
});
