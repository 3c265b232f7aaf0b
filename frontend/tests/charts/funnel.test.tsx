/** A funnel: docs/charts.md, "Kinds". */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { Cell, Column } from "@/api/types";
import { Bars } from "@/charts/draw/Bars";
import { answerOf, count, metric, planOf } from "./drawing";

const step = (id: string): Column => ({ ...count, name: id, metric_id: id });
const METRICS = ["visits", "bought", "again"].map((metric_id) =>
  metric({ metric_id, label: metric_id.toUpperCase() }),
);
const planned = (row: Cell[]) =>
  planOf(
    "funnel",
    answerOf(
      METRICS.map(({ metric_id }) => step(metric_id)),
      [row],
    ),
    {},
    { metrics: METRICS },
  );

it("has its steps in their order, each from zero, with its share of the first and of the one before", () => {
  const plan = planned([80, 40, 10]);
  expect(plan.bars.map(({ from, to, aside }) => [from, to, aside])).toEqual([
    [0, 80, ""],
    [0, 40, "50% of the first"],
    [0, 10, "13% of the first, 25% of the step before"],
  ]);
  expect(plan.bands.map(({ label }) => label)).toEqual(["VISITS", "BOUGHT", "AGAIN"]);
});

it("has no share of nothing, and none of what is not known", () => {
  expect(planned([0, 0, 0]).bars.map(({ aside }) => aside)).toEqual(["", "", ""]);
  const unknown = planned([80, null, 10]);
  expect(unknown.bars.map(({ value, aside }) => [value, aside])).toEqual([
    [80, ""],
    [null, ""],
    [10, "13% of the first"],
  ]);
});

it("says shares in its list, and opens the rows of the step that is pressed", async () => {
  const rows = vi.fn();
  render(<Bars plan={planned([80, 40, 10])} drill={{ rows }} />);
  const [, , last] = within(screen.getByRole("list", { name: "Claims" })).getAllByRole("listitem");
  expect(last).toHaveTextContent("AGAIN1013% of the first, 25% of the step before");
  await userEvent.click(screen.getByTitle("Rows behind AGAIN"));
  expect(rows).toHaveBeenCalledWith([], undefined, "again");
});
