/** What was written down beside the data stands at its time, of the metrics that it is of, and nowhere else. */
import { describe, expect, it } from "vitest";
import type { Annotation, Cell } from "@/api/types";
import { hoverBox } from "@/charts/draw/hover";
import { answerOf, count, lightColour, planOf, svgOf, textsIn, time } from "./drawing";

const note = (label: string, at: string, over: Partial<Annotation> = {}): Annotation => ({
  annotation_id: label,
  label,
  at,
  until: null,
  when: at,
  metrics: [],
  file: "annotations/shop.yaml",
  line: 2,
  ...over,
});
const days: Cell[][] = Array.from({ length: 10 }, (_, day) => [
  `2026-03-${String(day + 1).padStart(2, "0")}`,
  day,
]);
const window = { name: "between", start: "2026-03-01", end: "2026-03-11", timezone: "UTC" };
const answer = answerOf([time, count], days, { grain: "day", window });

describe("annotations", () => {
  it("stand at the bucket in which they begin and are told to those who cannot see them", () => {
    const annotations = [
      note("Release", "2026-03-04T14:30"),
      note("Offer", "2026-02-20", { until: "2026-03-02" }),
      note("Sale", "2026-03-10", { until: "2026-04-01" }),
      note("Outage", "2026-03-07T10:00", { until: "2026-03-08T00:00" }),
      note("Before", "2026-02-28"),
      note("After", "2026-03-11"),
      note("Of another", "2026-03-04", { metrics: ["other"] }),
      note("Of this", "2026-03-06", { metrics: ["other", "m"] }),
    ];
    const plan = planOf("trend", answer, {}, { annotations });
    expect(plan.notes?.map(({ text, from, to }) => [text, from, to])).toEqual([
      ["Release", 3, 3],
      ["Offer", 0, 1],
      ["Sale", 9, 9],
      ["Outage", 6, 6],
      ["Of this", 5, 5],
    ]);
    expect(plan.sentence).toContain("noted: Release (2026-03-04T14:30); noted: Offer (2026-02-20)");
    expect(textsIn(svgOf(plan))).toEqual(expect.arrayContaining(["Release", "Offer"]));
    expect(hoverBox(plan, 1, lightColour)).toHaveTextContent("Offer");
    expect(hoverBox(plan, 2, lightColour)).not.toHaveTextContent("Offer");
  });

  it("of a week stand at the week, and change nothing where there are none", () => {
    const weeks = answerOf(
      [time, count],
      [
        ["2026-03-02", 1],
        ["2026-03-09", 2],
      ],
      {
        grain: "week",
        window: { ...window, start: "2026-03-02", end: "2026-03-16" },
      },
    );
    const plan = planOf("bar", weeks, {}, { annotations: [note("Holiday", "2026-03-11")] });
    expect(plan.notes?.map(({ from, to }) => [from, to])).toEqual([[1, 1]]);
    expect(planOf("trend", answer).notes).toBeUndefined();
  });
});
