import { fireEvent, screen, within } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Explanation } from "@/api/types";
import { waterfallOf } from "@/charts/waterfall";
import { ExplainDialog } from "@/widgets/ExplainDialog";
import { show } from "./page";

describe("a waterfall", () => {
  it("begins each part where the one before it ended, and holds all that is reached on the way", () => {
    const { bars, whole, zero } = waterfallOf(["30.00", "-50.00", "40.00"], "20.00");
    // From -20 to 30: 50 in all, 0 at 40 %.
    expect(zero).toBeCloseTo(40);
    expect(bars.map(({ left, width }) => [left, width].map(Math.round))).toEqual([
      [40, 60],
      [0, 100],
      [0, 80],
    ]);
    expect([whole.left, whole.width].map(Math.round)).toEqual([40, 40]);
  });

  it("draws nothing beside nothing", () => {
    expect(waterfallOf([], 0).bars).toEqual([]);
  });
});

const told: Explanation = {
  metric_id: "saved",
  label: "Saved",
  unit: "usd",
  direction: "up_is_good",
  kind: "sum",
  before: "100.00",
  now: "80.00",
  change: "-20.00",
  sentences: [
    ["Saved fell by ", { value: "20.00", shown_as: "size", receipt_id: "r1" }, "."],
    ["By region: West did ", { value: "-30.00", shown_as: "change", receipt_id: "r2" }, "."],
  ],
  text: [],
  by: ["region"],
  steps: [
    { kind: "volume", key: [], before: 10, now: 9, amount: "-9.50" },
    { kind: "mix", key: [], before: null, now: null, amount: "1.25" },
    { kind: "rate", key: ["West"], before: 10, now: 8.5, amount: "-11.75" },
  ],
  divisions: [
    {
      dimensions: ["region"],
      receipt_id: "r2",
      groups: [
        {
          key: ["West"],
          before: "60.00",
          now: "30.00",
          amount: "-30.00",
          mix: null,
          rate: null,
          is_new: false,
          is_gone: false,
        },
        {
          key: [null],
          before: "0.00",
          now: "10.00",
          amount: "10.00",
          mix: null,
          rate: null,
          is_new: true,
          is_gone: false,
        },
      ],
      groups_in_all: 2,
      others: "0.00",
      paradox: null,
    },
  ],
  left_out: [],
  noted: [],
  question: {} as Explanation["question"],
  receipt_id: "r1",
  backend: "postgres",
  definition_version: "v",
  data_version: "d",
  as_of: "2026-03-17T15:42:10Z",
  statements: 4,
  elapsed_ms: 12,
};

const answering = (body: unknown) =>
  vi.stubGlobal(
    "fetch",
    vi.fn(async (request: Request) =>
      Response.json(request.url.includes("/explain") ? body : { metrics: [] }),
    ),
  );

describe("why a figure changed", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("is told in sentences whose numbers open their receipts, and by parts that are the change", async () => {
    answering(told);
    const onClose = vi.fn();
    show(
      <ExplainDialog
        asked={{ metricId: "saved", label: "Saved", question: { metrics: ["saved"] } }}
        onClose={onClose}
      />,
    );
    expect(await screen.findByText(/The parts add up to −\$20.00/)).toBeDefined();
    const parts = within(screen.getByRole("table", { name: /What the change is made of/ }));
    expect(parts.getAllByRole("row").map((row) => row.textContent)).toEqual([
      "Rows10 to 9−$9.50",
      "Mix by region+$1.25",
      "WestRate, $10 to $8.50 each−$11.75",
      "Change−$20.00",
    ]);
    fireEvent.click(screen.getByRole("button", { name: "−$30.00" }));
    expect(onClose).toHaveBeenCalled();
  });

  it("claims no parts where groups have none", async () => {
    answering({ ...told, kind: "groups", steps: [], by: [] });
    show(
      <ExplainDialog
        asked={{ metricId: "saved", label: "Saved", question: { metrics: ["saved"] } }}
        onClose={vi.fn()}
      />,
    );
    expect(await screen.findByText("Groups have no parts in this change.")).toBeDefined();
    expect(screen.queryByText(/add up/)).toBeNull();
  });
});
