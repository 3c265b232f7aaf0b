/** Targets: docs/targets.md, "Drawn". */
import { render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Cell, Target } from "@/api/types";
import { Bars } from "@/charts/draw/Bars";
import { targetWords } from "@/charts/targets";
import { canBe, withKind } from "@/question/edits";
import { answerOf, count, lightColour, linesIn, metric, part, planOf, svgOf, time } from "./drawing";

const target = (over: Partial<Target>): Target => ({
  metric: "m",
  grain: "month",
  starts: "2026-11-01",
  where: {},
  value: "100",
  note: null,
  source: "targets/plan.yaml:2",
  time: null,
  period: "November 2026",
  ends: "2026-11-30",
  is_over: false,
  reached: 84,
  share: "0.8400",
  pace: "112",
  ...over,
});
const gauge = (columns: Parameters<typeof answerOf>[0], rows: Cell[][], targets: Target[]) =>
  planOf("gauge", { ...answerOf(columns, rows), targets });

it("is a bar from zero, a mark at the target and dots to where it leads, on an axis that holds all three", () => {
  const plan = gauge([count], [[84]], [target({})]);
  expect(plan.bars.map(({ from, to, goal }) => [from, to, goal])).toEqual([[0, 84, { at: 100, ahead: 112 }]]);
  expect(plan.scale).toMatchObject({ low: 0, high: 112 });
  const { container } = render(<Bars plan={plan} />);
  const [only] = within(screen.getByRole("list", { name: "Claims" })).getAllByRole("listitem");
  expect(only).toHaveTextContent("November 20268484% of 100, on the current pace 112 by 30 Nov");
  expect(container.querySelector<HTMLElement>(".goal")?.style.left).toBe(`${(100 / 112) * 100}%`);
  const dots = container.querySelector<HTMLElement>(".pace-dots");
  expect([dots?.style.left, dots?.style.width]).toEqual([`${(84 / 112) * 100}%`, `${(28 / 112) * 100}%`]);
});

it("has a bar for each group with a target, also for one without rows, and says how many have none", () => {
  const plan = gauge(
    [part("region"), count],
    [
      ["East", 90],
      ["West", 84],
      ["North", 5],
    ],
    [
      target({ where: { region: "West" } }),
      target({ where: { region: "South" }, reached: 0, share: "0.0000", pace: null, source: "b" }),
      target({ where: { region: "East" }, reached: 90, share: "0.9000", source: "c" }),
    ],
  );
  expect(plan.bands.map(({ label }) => label)).toEqual(["East", "West", "South"]);
  expect(plan.bars.map(({ value, goal }) => [value, goal?.ahead])).toEqual([
    [90, 112],
    [84, 112],
    [0, null],
  ]);
  expect(plan.bars[0]?.filters).toEqual([{ dimension: "region", op: "eq", values: ["East"] }]);
  expect(plan.note).toBe("November 2026 · 1 without a target");
});

it("says no share of a target of nothing, and no pace where there is none", () => {
  expect(
    targetWords(target({ share: null, value: "0", pace: null }), "count", {
      kind: "gauge",
      question: { metrics: ["m"] },
    }),
  ).toBe("target 0");
});

it("stands on a line alone as a line of its own, bucket by bucket, which no rule takes for what was reached", () => {
  const answer = answerOf(
    [time, count],
    [
      ["2026-09-01", 5],
      ["2026-10-01", 7],
      ["2026-11-01", 3],
    ],
    { grain: "month" },
  );
  const told = [
    target({ time: "2026-11-01", value: "9" }),
    target({ time: "2026-10-01", value: "8" }),
    target({ metric: "other", time: "2026-09-01", value: "4" }),
  ];
  const plan = planOf("trend", { ...answer, targets: told });
  expect(plan.series.map(({ role, hue }) => [role, hue])).toEqual([
    ["own", "accent"],
    ["target", "compare"],
  ]);
  expect(plan.lines[1]?.values).toEqual([null, "8", "9"]);
  expect(plan.scale.high).toBeGreaterThanOrEqual(9);
  expect(plan.sentence).toContain("lowest 3, highest 7, last 3; target 9 for Nov 2026");
  const [line] = linesIn(svgOf(plan), lightColour("--soft")).filter(({ points }) => points.length > 1);
  expect(line?.dashed).toBe(true);
  const split = answerOf([time, part("region"), count], [["2026-11-01", "West", 3]], { grain: "month" });
  expect(planOf("trend", { ...split, targets: told }).series.map(({ role }) => role)).toEqual(["own"]);
});

it("is offered where the metric has a target, and its question asks for it", () => {
  const known = [metric({ has_targets: true })];
  const widget = {
    kind: "trend" as const,
    question: { metrics: ["m"], grain: "day", dimensions: ["a", "b"] },
  };
  expect(canBe(widget, "gauge", known)).toBe(true);
  expect(canBe(widget, "gauge", [metric()])).toBe(false);
  const made = withKind(widget, "gauge", known);
  expect(made.question).toMatchObject({ targets: true, grain: null, dimensions: ["a"] });
  expect(withKind(made, "bar", known).question.targets).toBe(false);
  expect(withKind(made, "trend", known).question.targets).toBe(true);
});
