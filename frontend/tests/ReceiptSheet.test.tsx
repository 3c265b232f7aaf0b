import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ReceiptSheet } from "@/features/receipts/ReceiptSheet";
import { downloadFile } from "@/ui/download";
import { WidgetTile } from "@/widgets/WidgetTile";
import { aKpi, anAnswer, aProblem, aReceipt } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

vi.mock("@/ui/download", async (original) => ({
  ...(await original<typeof import("@/ui/download")>()),
  downloadFile: vi.fn(),
}));

beforeEach(() => {
  vi.mocked(downloadFile).mockClear();
  server.use(
    http.get(at("/v1/receipts/01JD8QK"), () => HttpResponse.json(aReceipt())),
    http.post(at("/v1/data"), () =>
      HttpResponse.json({ answers: [{ key: "q0", answer: anAnswer("1410000.00"), problem: null }] }),
    ),
  );
});

const page = (
  <>
    <WidgetTile widget={aKpi()} tileId="cost" />
    <ReceiptSheet />
  </>
);

describe("the receipt beside the page", () => {
  it("opens from the hallmark, takes focus, closes on Esc and gives focus back", async () => {
    show(page);
    const hallmark = await screen.findByRole("button", { name: /Open receipt/ });
    await userEvent.click(hallmark);
    const sheet = await screen.findByRole("complementary", { name: "Receipt" });
    expect(sheet).toHaveFocus();
    expect(await screen.findByText("signature valid")).toBeVisible();
    await userEvent.keyboard("{Escape}");
    expect(screen.queryByRole("complementary", { name: "Receipt" })).toBeNull();
    expect(hallmark).toHaveFocus();
  });

  it("opens from a link, with every digit of the figure", async () => {
    show(page, "/?receipt=01JD8QK");
    expect(await screen.findByText("$1,410,000.00")).toBeVisible();
    expect(screen.getByText(/1 Nov 00:00 → now, UTC/)).toBeVisible();
    expect(screen.getByText("one SELECT, read only")).toBeVisible();
  });

  it("says so when the signature does not match", async () => {
    server.use(
      http.get(at("/v1/receipts/01JD8QK"), () => HttpResponse.json(aReceipt({ signature_valid: false }))),
    );
    show(page, "/?receipt=01JD8QK");
    expect(await screen.findByText(/signature does not match/)).toBeVisible();
  });

  it("says so when there is no such receipt", async () => {
    const problem = aProblem({ status: 404, kind: "receipt_not_found", detail: "No receipt has this id." });
    server.use(http.get(at("/v1/receipts/01JD8QK"), () => HttpResponse.json(problem, { status: 404 })));
    show(page, "/?receipt=01JD8QK");
    expect(await screen.findByText("No receipt has this id.")).toBeVisible();
  });

  it.each([
    ["without a published key", "s", null, { exports: 2, keys: 0 }],
    ["that has its place in the log", "k:s", { position: 0, path: [], head: {} }, { exports: 1, keys: 1 }],
  ])("asks no more than it needs to check and to save a receipt %s", async (_, signature, log, times) => {
    const asked = { exports: 0, keys: 0 };
    server.use(
      http.get(at("/v1/receipts/01JD8QK"), () => HttpResponse.json(aReceipt({ signature }))),
      http.get(at("/v1/receipts/01JD8QK/export"), () => {
        asked.exports += 1;
        return HttpResponse.json({ assay: 1, receipt: {}, signature, log });
      }),
      http.get(at("/.well-known/assay-keys.json"), () => {
        asked.keys += 1;
        return HttpResponse.json({ install: "one", keys: [] });
      }),
    );
    show(page, "/?receipt=01JD8QK");
    await screen.findByText("signature valid", { exact: false });
    if (signature !== "s") await screen.findByText(/not checked in this browser/);
    for (const count of [1, 2]) {
      await userEvent.click(screen.getByRole("button", { name: "Save" }));
      await waitFor(() => expect(downloadFile).toHaveBeenCalledTimes(count));
    }
    expect(asked).toEqual(times);
  });

  it("replays: what moved, whether the value is the same, then and now", async () => {
    server.use(
      http.post(at("/v1/receipts/01JD8QK/replay"), () =>
        HttpResponse.json({
          receipt_id: "01JD8QK",
          moved: [{ part: "data", from: "ev_claim:42", to: "ev_claim:43" }],
          same_value: false,
          // biome-ignore lint/suspicious/noThenProperty: the wire's word.
          then: { rows: [["1410000.00"]] },
          now: { rows: [["1410210.00"]], answer_id: "x", receipt_id: "01JD9", backend: "postgres", sql: "" },
          sentence: "The data moved; the value is another one.",
        }),
      ),
    );
    show(page, "/?receipt=01JD8QK");
    await userEvent.click(await screen.findByRole("button", { name: "Replay" }));
    expect(await screen.findByText("The data moved; the value is another one.")).toBeVisible();
    expect(screen.getByText("ev_claim:43")).toBeVisible();
    expect(screen.getByText("$1,410,210.00")).toBeVisible();
    await waitFor(() =>
      expect(screen.getByRole("button", { name: "Open the receipt of now" })).toBeEnabled(),
    );
  });

  it("lays another receipt of the metric beside it, and says who did what", async () => {
    const line = {
      ...aReceipt(),
      receipt_id: "01JD0",
      value: "1400000.00",
      unit: "usd",
      backend: "postgres",
    };
    const side = { created_at: "2026-11-01T00:00:00Z", backend: "postgres" };
    server.use(
      http.get(at("/v1/receipts"), () => HttpResponse.json({ receipts: [line, aReceipt()], next: null })),
      http.post(at("/v1/receipts/01JD8QK/compare/01JD0"), () =>
        HttpResponse.json({
          before: { ...side, receipt_id: "01JD0", value: "1400000.00" },
          now: { ...side, receipt_id: "01JD8QK", value: "1410000.00" },
          label: "Cost avoided",
          unit: "usd",
          change: "10000.00",
          same_value: false,
          differences: [{ part: "definition", what: "filter", before: null, now: "region = 'West'" }],
          effects: [{ parts: ["definition"], amount: "10000.00" }],
          unknown: null,
          statements: 0,
          text: [
            "Cost avoided was $1,400,000.00, and then $1,410,000.00.",
            "Of this, +$10,000.00 is due to the definition.",
          ],
        }),
      ),
    );
    show(page, "/?receipt=01JD8QK");
    await userEvent.click(await screen.findByRole("button", { name: "Compare with…" }));
    await userEvent.selectOptions(await screen.findByLabelText("Compare with"), "01JD0");
    expect(await screen.findByText("Of this, +$10,000.00 is due to the definition.")).toBeVisible();
    expect(screen.getByText("region = 'West'")).toBeVisible();
    expect(screen.getByRole("button", { name: "Open the other receipt" })).toBeEnabled();
  });

  it("compares a question that is proven for other groupings only, as it was asked", async () => {
    const parity = {
      standing: "proven_for_others" as const,
      reason: "postgres and lakehouse give the same at 24 grains; it was not compared by hour",
      certificate_id: "crt_1",
      backend: "lakehouse",
    };
    const bodies: unknown[] = [];
    server.use(
      http.get(at("/v1/receipts/01JD8QK"), () => HttpResponse.json(aReceipt({ parity }))),
      http.post(at("/v1/routes/cost_avoided_mtd/compare"), async ({ request }) => {
        bodies.push(await request.json());
        return HttpResponse.json({
          certificate_id: "crt_2",
          verdict: "equal",
          reason: "postgres and lakehouse give the same at this question",
        });
      }),
    );
    show(page, "/?receipt=01JD8QK");
    expect(await screen.findByText("Proven on lakehouse for other groupings")).toBeVisible();
    expect(screen.getByText(/it was not compared by hour/)).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Compare this question" }));
    expect(await screen.findByText(/Equal: postgres and lakehouse give the same/)).toBeVisible();
    expect(bodies).toMatchObject([
      { to: "lakehouse", question: { dimensions: [], filters: [], grain: null, window: "month_to_date" } },
    ]);
  });
});
