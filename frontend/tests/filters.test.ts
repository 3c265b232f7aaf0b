import { describe, expect, it } from "vitest";
import type { Filter } from "@/api/types";
import { filterText, readFilters, typedValue, withFilters, writeFilters } from "@/question/filters";
import { makeRoom } from "@/widgets/makeRoom";
import { notFiltered } from "@/widgets/tileWords";
import { aKpi, aMetric } from "./examples";

const WEST: Filter = { dimension: "region", op: "eq", values: ["West"] };

describe("filters in the address", () => {
  it.each<Filter>([
    WEST,
    { dimension: "region", op: "in", values: ["West", "South & East"] },
    { dimension: "channel", op: "ne", values: ["web=1"] },
    { dimension: "channel", op: "not_in", values: ["web", "app"] },
    { dimension: "region", op: "is_null" },
    { dimension: "region", op: "is_not_null" },
    { dimension: "region", op: "contains", values: ["st & so"] },
    { dimension: "region", op: "not_starts_with", values: ["W"] },
    { dimension: "items", op: "gte", values: ["2"] },
  ])("come back as they were written: %o", (filter) => {
    const written = writeFilters(new URLSearchParams("window=today&is.old=1"), [filter]).toString();
    const read = new URLSearchParams(written);
    expect(readFilters(read)).toEqual([filter]);
    expect(read.get("window")).toBe("today");
  });

  it("read as words", () => {
    expect(filterText({ dimension: "status", op: "not_in", values: ["in_review", "closed"] })).toBe(
      "not in review or closed (or empty)",
    );
    expect(filterText({ dimension: "status", op: "is_null" })).toBe("empty");
    expect(filterText({ dimension: "items", op: "between", values: [2, 8] })).toBe("2 to 8");
    expect(filterText({ dimension: "region", op: "not_contains", values: ["st"] })).toBe(
      "does not contain st (or empty)",
    );
  });
});

describe("the page's conditions on a question", () => {
  const question = { metrics: ["cost_avoided_mtd"] };

  it("join those that it has already", () => {
    const own: Filter = { dimension: "channel", op: "eq", values: ["web"] };
    const filtered = withFilters({ ...question, filters: [own] }, [WEST], [aMetric()]);
    expect(filtered).toEqual({ question: { ...question, filters: [own, WEST] }, missing: [] });
  });

  it("leave alone what lacks the dimension, and say so", () => {
    const other: Filter = { dimension: "category", op: "eq", values: ["Phone"] };
    const filtered = withFilters(question, [other], [aMetric()]);
    expect(filtered).toEqual({ question, missing: ["category"] });
    expect(notFiltered(filtered.missing, [])).toBe("not filtered by category");
  });

  it("have values of the column's type", () => {
    expect(typedValue("3", "integer")).toBe(3);
    expect(typedValue("03", "string")).toBe("03");
    expect(typedValue("true", "boolean")).toBe(true);
    expect(typedValue("", "integer")).toBe("");
    expect(typedValue("9007199254740993", "integer")).toBe("9007199254740993");
    expect(typedValue("12345678901234567.89", "decimal")).toBe("12345678901234567.89");
    expect(typedValue("NaN", "double")).toBe("NaN");
  });
});

describe("room for a tile that has grown", () => {
  const at = (widget_id: string, x: number, y: number, w: number, h: number) => ({
    widget_id,
    x,
    y,
    w,
    h,
    widget: aKpi(),
  });

  it("pushes down what it grew over, and what those stand on", () => {
    const tiles = [at("a", 0, 0, 6, 4), at("b", 0, 2, 3, 2), at("c", 0, 4, 3, 2), at("d", 6, 0, 6, 2)];
    expect(makeRoom(tiles, "a").map(({ y }) => y)).toEqual([0, 4, 6, 0]);
  });
});
