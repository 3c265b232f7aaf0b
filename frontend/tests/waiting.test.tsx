import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it } from "vitest";
import type { Proposal } from "@/api/types";
import { WaitingPage } from "@/features/waiting/WaitingPage";
import { aProblem, aSession } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const aProposal = (over: Partial<Proposal> = {}): Proposal => ({
  proposal_id: "proposal-1",
  kind: "route",
  subject: "csat",
  sentence: "Serve csat from lakehouse instead of postgres",
  state: "open",
  proposed_by: "ann@x.example",
  proposed_at: "2026-11-29T22:00:00.000Z",
  missing: 1,
  may_confirm: true,
  decided_by: null,
  decided_at: null,
  reason: null,
  diff: null,
  certificate_id: "crt_1",
  ...over,
});

let waiting: Proposal[];
const asked: string[] = [];

beforeEach(() => {
  waiting = [aProposal()];
  asked.length = 0;
  server.use(
    http.get(at("/v1/proposals"), () => HttpResponse.json({ four_eyes: true, proposals: waiting })),
    http.get(at("/v1/session"), () => HttpResponse.json(aSession({ kind: "person" }))),
    http.post(at("/v1/proposals/:id/:word"), ({ params }) => {
      asked.push(`${params.word} ${params.id}`);
      waiting = [
        aProposal({ state: "confirmed", missing: 0, may_confirm: false, decided_by: "bob@x.example" }),
      ];
      return HttpResponse.json(waiting[0]);
    }),
  );
});

describe("what waits for a second person", () => {
  it("is confirmed by key, and stands among what was decided then", async () => {
    const user = userEvent.setup();
    show(<WaitingPage />);
    const listed = await screen.findByRole("list", { name: "Waiting" });
    const card = within(listed).getByRole("listitem", { name: /Serve csat from lakehouse/ });
    expect(card).toHaveTextContent("Proposed by ann@x.example");
    expect(card).toHaveTextContent("One more person has to confirm it.");
    expect(within(card).getByRole("link", { name: "See the comparison of csat" })).toBeVisible();
    (await within(card).findByRole("button", { name: "Confirm" })).focus();
    await user.keyboard("{Enter}");
    const decided = await screen.findByRole("region", { name: "Decided" });
    expect(await within(decided).findByText(/Confirmed by bob@x\.example/)).toBeVisible();
    expect(screen.getByText("Nothing waits for a second person.")).toBeVisible();
    expect(asked).toEqual(["confirm proposal-1"]);
  });

  it("shows what a definition would say, and that whoever proposed it does not confirm", async () => {
    const diff = "-    measure: SUM(a)\n+    measure: MAX(a)\n";
    waiting = [aProposal({ kind: "definition", certificate_id: null, diff, may_confirm: false, missing: 2 })];
    show(<WaitingPage />);
    expect(await screen.findByText("+ measure: MAX(a)", { exact: false })).toBeVisible();
    expect(screen.getByText(/Two persons have to confirm it/)).toBeVisible();
    expect(await screen.findByText(/Another person who is signed in has to confirm it/)).toBeVisible();
    expect(screen.queryByRole("button", { name: "Confirm" })).toBeNull();
    expect(screen.getByRole("button", { name: "Decline" })).toBeEnabled();
  });

  it("says why it was not confirmed", async () => {
    server.use(
      http.post(at("/v1/proposals/:id/:word"), () =>
        HttpResponse.json(aProblem({ detail: "This was proposed of something that has moved." }), {
          status: 409,
        }),
      ),
    );
    show(<WaitingPage />);
    await userEvent.click(await screen.findByRole("button", { name: "Confirm" }));
    expect(await screen.findByText(/something that has moved/)).toBeVisible();
  });

  it("is only read by whoever has another role", async () => {
    server.use(
      http.get(at("/v1/session"), () => HttpResponse.json(aSession({ kind: "person", needs: ["see"] }))),
    );
    show(<WaitingPage />);
    expect(await screen.findByText("Confirming it needs the role steward.")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Decline" })).toBeNull();
  });

  it("may be nothing, and comes by itself", async () => {
    waiting = [];
    server.use(
      http.get(at("/v1/proposals"), () =>
        HttpResponse.json({ four_eyes: waiting.length > 0, proposals: waiting }),
      ),
    );
    const { wire } = show(<WaitingPage />);
    expect(await screen.findByText(/This workspace asks for none/)).toBeVisible();
    waiting = [aProposal()];
    act(() => {
      wire.open();
      wire.say({ kind: "proposals" });
    });
    await waitFor(() => expect(screen.getByRole("list", { name: "Waiting" })).toBeVisible());
  });
});
