/** Hierarchies of dimensions: docs/metrics/entities.md, "What a chart goes on to". */
import { describe, expect, it } from "vitest";
import type { Filter, Metric, Widget } from "@/api/types";
import { groupedDimensions, steppedDown, steppedNote } from "@/question/hierarchies";
import { aMetric } from "./examples";

const dimension = (name: string, label = name) => ({ name, label, type: "string", table: "t" });
const PLACE = { name: "place", label: "Place", levels: ["region", "state", "city"] };
const DIMENSIONS = ["channel", "city", "region", "state"].map((name) => dimension(name));
const claims = aMetric({ metric_id: "claims", dimensions: DIMENSIONS, hierarchies: [PLACE] });
const calls = aMetric({ metric_id: "calls", dimensions: [dimension("region"), dimension("state")] });
const METRICS: Metric[] = [claims, calls, aMetric({ metric_id: "plain", dimensions: DIMENSIONS })];
const is = (name: string, ...values: string[]): Filter => ({
  dimension: name,
  op: values.length === 1 ? "eq" : "in",
  values,
});
const split = (dimensions: string[], over: Partial<Widget> = {}, metrics = ["claims"]): Widget => ({
  kind: "bar",
  question: { metrics, dimensions },
  ...over,
});

describe("what is split by a level of which the page shows one value", () => {
  const levels = (widget: Widget, ...filters: Filter[]) =>
    steppedDown(widget, filters, METRICS).question.dimensions;

  it("is split by the next one, and by the one below where that is one value too", () => {
    expect(levels(split(["region"]), is("region", "West"))).toEqual(["state"]);
    expect(levels(split(["region"]), is("state", "Utah"), is("region", "West"))).toEqual(["city"]);
    expect(levels(split(["channel", "state"]), is("state", "Utah"))).toEqual(["channel", "city"]);
  });

  it("stays as it is where several are shown, another is, or nothing stands below", () => {
    expect(levels(split(["region"]), is("region", "West", "East"))).toEqual(["region"]);
    expect(levels(split(["region"]), { ...is("region", "West"), op: "ne" })).toEqual(["region"]);
    expect(levels(split(["region"]), { dimension: "region", op: "is_null" })).toEqual(["region"]);
    expect(levels(split(["region"]), is("state", "Utah"))).toEqual(["region"]);
    expect(levels(split(["city"]), is("city", "Provo"))).toEqual(["city"]);
    expect(levels(split(["region", "state"]), is("region", "West"))).toEqual(["region", "state"]);
    expect(levels(split(["region"], { kind: "map" }), is("region", "West"))).toEqual(["region"]);
    expect(levels(split(["region"], {}, ["plain"]), is("region", "West"))).toEqual(["region"]);
  });

  it("goes no further than all of its metrics do", () => {
    const both = split(["region"], {}, ["claims", "calls"]);
    expect(levels(both, is("region", "West"), is("state", "Utah"))).toEqual(["state"]);
  });

  it("takes its series and its order along, and says that it is split otherwise", () => {
    const widget = split(["channel", "region"], { series: "region" });
    widget.question.order = [{ by: "region", descending: false }];
    const stepped = steppedDown(widget, [is("region", "West")], METRICS);
    expect(stepped.series).toBe("state");
    expect(stepped.question.order).toEqual([{ by: "state", descending: false }]);
    expect(steppedNote(widget, stepped, METRICS)).toBe("by state, as the page shows one region");
    expect(steppedNote(widget, steppedDown(widget, [], METRICS), METRICS)).toBeNull();
  });
});

it("is offered from the widest level on, each dimension once", () => {
  const other = { ...PLACE, name: "sales", label: "Sales", levels: ["channel", "city"] };
  const known = [{ ...claims, hierarchies: [PLACE, other] }];
  const { groups, others } = groupedDimensions(split([]), known);
  expect(groups.map(({ label, dimensions }) => [label, ...dimensions.map(({ name }) => name)])).toEqual([
    ["Place: region › state › city", "region", "state", "city"],
    ["Sales: channel › city", "channel"],
  ]);
  expect(others).toEqual([]);
  expect(groupedDimensions(split([], {}, ["plain"]), METRICS).groups).toEqual([]);
});
