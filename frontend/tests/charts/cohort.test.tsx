/** Cohorts: docs/charts.md, "Kinds". */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Answer, Cell, Column, Metric, Widget } from "@/api/types";
import { furtherOf } from "@/charts/further";
import { Cells } from "@/charts/further/Cells";
import type { FurtherWidget } from "@/charts/kinds";
import { canBe, stepsOf, withKind, withMetric, withStep } from "@/question/edits";
import { aMetric } from "../examples";
import { answerOf, count, freshHues, metric, part, rate, time } from "./drawing";

const back: Column = { ...rate, name: "back", metric_id: "back", unit: "percent" };
const size: Column = { ...count, name: "size", metric_id: "size", empty: "unknown" };
const since = part("months_since", "integer");
const METRICS = [
  metric({ metric_id: "back", label: "Come back", unit: "percent" }),
  metric({ metric_id: "size", label: "New" }),
];
/** Of three months, seen in the third: of the second one bucket is over, of the third none. */
const ROWS: Cell[][] = [
  ["2026-01-01", 0, 1, 40],
  ["2026-01-01", 1, 0.25, 40],
  ["2026-01-01", 2, null, null],
  ["2026-02-01", 0, 1, 20],
  ["2026-02-01", 1, null, null],
  ["2026-02-01", 2, null, null],
  ["2026-03-01", 0, null, null],
];

const IN_MARCH = "2026-03-15T00:00:00Z";

function drawn(
  rows: Cell[][],
  columns = [time, since, back, size],
  { folded, grain = "month" }: { folded?: NonNullable<Answer["folded"]>; grain?: string } = {},
) {
  const widget: FurtherWidget = { kind: "cohort", question: { metrics: ["back", "size"] } };
  const answer = answerOf(columns, rows, { grain, metrics: ["back", "size"], as_of: IN_MARCH });
  const window = { name: null, start: "2026-01-01T00:00:00Z", end: IN_MARCH, timezone: "UTC" };
  const told = { ...answer, ...(folded && { folded }), question: { ...answer.question, window } };
  const found = furtherOf(widget, told, METRICS, "Who", { hueOf: freshHues(), readerZone: "UTC" });
  if (found.as !== "heat") throw new Error(found.as);
  return found.heat;
}

describe("cohorts", () => {
  it("are a row each, with their size, and empty where a bucket is not over", () => {
    const heat = drawn(ROWS);
    expect(heat.rows.map(({ name, cells }) => [name, ...cells.map(({ shown }) => shown)])).toEqual([
      ["Jan 2026", "100%", "25%", null],
      ["Feb 2026", "100%", null, null],
      ["Mar 2026", null, null, null],
    ]);
    expect(heat.beside).toEqual({ head: "New", texts: ["40", "20", "–"] });
    expect(heat.columns).toEqual(["0", "1", "2"]);
  });

  it("leave the first bucket without a colour where it holds all of each, and colour it where it does not", () => {
    const shadesOf = (rows: Cell[][]) =>
      drawn(rows).rows.map(({ cells }) => cells.map(({ shade }) => shade !== null));
    expect(shadesOf(ROWS)[0]).toEqual([false, true, false]);
    const other = ROWS.map((row) =>
      row[1] === 0 && row[2] === 1 ? [row[0] ?? null, 0, 0.5, row[3] ?? null] : row,
    );
    expect(shadesOf(other)[0]).toEqual([true, true, false]);
  });

  it("tell nobody who comes back from what has not come", () => {
    const none = ROWS.map((row) => (row[1] === 1 && row[2] !== null ? [row[0] ?? null, 1, 0, 40] : row));
    expect(drawn(none).rows[0]?.cells.map(({ text }) => text)).toEqual(["100%", "0%", null]);
  });

  it("say of a cell that is kept from the reader that it is, and not that it has not come", () => {
    const few = ROWS.map((row) => (row[1] === 1 ? [row[0] ?? null, 1, null, null] : row));
    const folded = { minimum: 5, group: null, sentence: "Buckets of fewer than 5 rows.", receipt_id: null };
    const nothings = (grain: string) =>
      drawn(few, undefined, { folded, grain }).rows.map(({ cells }) => cells.map(({ nothing }) => nothing));
    // Of March none is over in the middle of it.
    expect(nothings("month")).toEqual([
      [undefined, "not shown: too few", undefined],
      [undefined, undefined, undefined],
      [undefined, undefined, undefined],
    ]);
    expect(nothings("fiscal_period")[0]?.[1]).toBe("not shown: too few, or no value yet");
    const { container } = render(<Cells heat={drawn(few, undefined, { folded })} drill={{}} />);
    expect(screen.getByTitle("Jan 2026, months since 1: not shown: too few")).toHaveClass("no-data");
    expect(screen.getByTitle("Jan 2026, months since 2: no value yet")).not.toHaveClass("no-data");
    expect(container.querySelectorAll("td.no-data")).toHaveLength(1);
  });

  it("open the rows of a cell, of its cohort alone, and none of what is empty", async () => {
    const rows = vi.fn();
    render(<Cells heat={drawn(ROWS)} drill={{ rows }} />);
    const table = screen.getByRole("table", { name: "Who" });
    expect(within(table).getByRole("row", { name: /^Jan 2026 40/ })).toBeInTheDocument();
    expect(within(table).getAllByRole("button")).toHaveLength(3);
    await userEvent.click(within(table).getByRole("button", { name: "25%" }));
    expect(rows).toHaveBeenCalledWith(
      [{ dimension: "months_since", op: "eq", values: [1] }],
      { start: "2026-01-01", end: "2026-02-01" },
      "back",
    );
  });
});

describe("choosing funnels and cohorts", () => {
  const cohort = { grain: "month", dimension: "months_since", size: "size" };
  const dimensions = [{ name: "months_since", label: "Months since", type: "integer", table: "t" }];
  const steps = ["visits", "bought"];
  const known: Metric[] = [
    aMetric({ metric_id: "back", cohort, dimensions }),
    aMetric({ metric_id: "size", cohort: { ...cohort, size: null }, dimensions }),
    aMetric({ metric_id: "visits", funnel: steps }),
    aMetric({ metric_id: "bought", funnel: steps }),
    aMetric({ metric_id: "plain" }),
  ];
  const of = (name: string): Widget => ({ kind: "kpi", question: { metrics: [name] } });

  it("offers them where the metric is one, with what they take", () => {
    const offered = (kind: Widget["kind"], metrics = known) =>
      known.flatMap(({ metric_id }) => (canBe(of(metric_id), kind, metrics) ? [metric_id] : []));
    expect(offered("funnel")).toEqual(steps);
    expect(offered("cohort")).toEqual(["back", "size"]);
    expect(withKind(of("bought"), "funnel", known).question.metrics).toEqual(steps);
    expect(withKind(of("back"), "cohort", known).question).toMatchObject({
      metrics: ["back", "size"],
      dimensions: ["months_since"],
      grain: "month",
    });
    const apart = known.map((each) =>
      each.metric_id === "visits" || each.metric_id === "size" ? { ...each, backend: "elsewhere" } : each,
    );
    expect(offered("funnel", apart)).toEqual([]);
    expect(withKind(of("back"), "cohort", apart).question.metrics).toEqual(["back"]);
  });

  it("leaves out single steps of a funnel, and takes them back in their place, but the first and one more", () => {
    const all = ["visits", "bought", "paid", "again"];
    const longer = all.map((metric_id) => aMetric({ metric_id, funnel: all }));
    const drawnAll = withKind(of("visits"), "funnel", longer);
    const stepsAfter = (...changes: [string, boolean][]) =>
      changes.reduce((widget, [step, isShown]) => withStep(widget, step, isShown, longer), drawnAll).question
        .metrics;
    expect(stepsAfter(["bought", false], ["again", false])).toEqual(["visits", "paid"]);
    expect(stepsAfter(["bought", false], ["again", false], ["bought", true])).toEqual([
      "visits",
      "bought",
      "paid",
    ]);
    expect(stepsAfter(["bought", false], ["again", false], ["paid", false])).toEqual(["visits", "paid"]);
    expect(stepsAfter(["visits", false])).toEqual(all);
    expect(stepsOf(withStep(drawnAll, "paid", false, longer), longer)).toEqual(all);
    expect(stepsOf({ kind: "funnel", question: { metrics: ["visits", "other"] } }, longer)).toEqual([
      "visits",
      "other",
    ]);
  });

  it("stays what it is with another metric of the kind, and becomes a table with none", () => {
    const drawnBack = withKind(of("back"), "cohort", known);
    expect(withMetric(drawnBack, "size", known)).toMatchObject({
      kind: "cohort",
      question: { metrics: ["size"] },
    });
    expect(withMetric(drawnBack, "plain", known)).toMatchObject({
      kind: "table",
      question: { metrics: ["plain"] },
    });
    expect(withKind(drawnBack, "kpi", known).question).toMatchObject({ metrics: ["back"], dimensions: [] });
  });
});
