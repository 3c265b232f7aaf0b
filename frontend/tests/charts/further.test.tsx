/** The rules of docs/charts.md for the kinds that come later, each on what is drawn. */
import { act, render, screen, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Answer, Cell, Column, Widget } from "@/api/types";
import { init } from "@/charts/draw/echarts";
import { pointsOption } from "@/charts/draw/pointsOption";
import { drawInTurn } from "@/charts/draw/queue";
import { furtherOf } from "@/charts/further";
import type { FurtherDrawn } from "@/charts/further/drawn";
import type { FurtherWidget } from "@/charts/kinds";
import { classesOf } from "@/charts/map/classes";
import type { Plan } from "@/charts/plan";
import { axisText } from "@/charts/scale";
import { canBe, withKind } from "@/question/edits";
import { WidgetBody } from "@/widgets/WidgetBody";
import { aMetric } from "../examples";
import { show } from "../page";
import {
  answerOf,
  count,
  filledWith,
  freshHues,
  lightColour,
  metric,
  part,
  rate,
  svgOf,
  textsIn,
  time,
} from "./drawing";

const stars: Column = { ...rate, name: "s", metric_id: "s" };
const claims: Column = { ...count, name: "m", metric_id: "m" };
const METRICS = [metric(), metric({ metric_id: "s", label: "Stars", unit: "/ 5", adds_up: false })];

type DrawnAs<K extends FurtherDrawn["as"]> = Extract<FurtherDrawn, { as: K }>;

function drawn<K extends FurtherDrawn["as"]>(
  kind: FurtherWidget["kind"],
  as: K,
  answer: Answer,
  over: Partial<Widget> = {},
): DrawnAs<K> {
  const widget: FurtherWidget = { question: { metrics: ["m"] }, ...over, kind };
  const found = furtherOf(widget, answer, METRICS, "Claims", { hueOf: freshHues(), readerZone: "UTC" });
  expect(found.as === "refused" ? found.why : found.as).toBe(as);
  return found as DrawnAs<K>;
}

const daily = (columns: Column[], rows: Cell[][], over: Partial<Answer> = {}): Answer => ({
  ...answerOf(columns, rows, { grain: "day", metrics: columns.flatMap((each) => each.metric_id ?? []) }),
  ...over,
});

describe("bars and line", () => {
  const answer = daily(
    [time, claims, stars],
    [
      ["2026-11-02", 600, 4.5],
      ["2026-11-03", 0, null],
      ["2026-11-04", 610, 4.6],
    ],
    { partial: [{ time: "2026-11-04", reason: "so_far" }] },
  );

  it("have two axes in two units, both from 0 at one height, each with its name", () => {
    const { plan } = drawn("combo", "chart", answer);
    const { scale, second } = plan as Plan & { second: NonNullable<Plan["second"]> };
    expect([scale.low, second.low, scale.reason, second.reason]).toEqual([0, 0, null, null]);
    expect((scale.high - scale.low) / scale.step).toBeCloseTo((second.high - second.low) / second.step);
    expect(textsIn(svgOf(plan))).toEqual(expect.arrayContaining(["Claims", "Stars"]));
    expect(plan.sentence).toContain("Claims lowest 0, highest 600");
    expect(plan.sentence).toContain("Stars lowest 4.5");
  });

  it("keep 0 at one height where one of them goes below it", () => {
    const below = daily(
      [time, claims, stars],
      [
        ["2026-11-02", -600, 4.5],
        ["2026-11-03", 100, 4.4],
      ],
    );
    const { scale, second } = drawn("combo", "chart", below).plan as Plan & { second: Plan["scale"] };
    expect(-scale.low / (scale.high - scale.low)).toBeCloseTo(-second.low / (second.high - second.low));
  });

  it("share an axis in one unit, and draw what is so far lighter and dotted, and a gap as a gap", () => {
    const { plan } = drawn("combo", "chart", answer);
    const bars = [...svgOf(plan).querySelectorAll("path")].filter((each) =>
      each.getAttribute("fill-opacity"),
    );
    expect(bars).toHaveLength(1);
    const same = daily([time, claims, { ...claims, name: "n", metric_id: "n" }], [["2026-11-02", 5, 3]]);
    expect(drawn("combo", "chart", same).plan.second).toBeNull();
    expect(plan.lines[0]?.to).toEqual([4.5, null, 4.6]);
  });
});

describe("points", () => {
  const rows: Cell[][] = [
    ["West", 100, 4.5],
    ["South", 0, 4.6],
    ["North", 50, null],
    ["East", 80, 4.4],
  ];
  const { points } = drawn("scatter", "points", answerOf([part("region"), claims, stars], rows));

  it("stand at both values; who lacks one is said and not put at 0", () => {
    expect(points.points.map(({ name }) => name)).toEqual(["West", "South", "East"]);
    expect(points.note).toContain("1 without both values");
    expect(points.sentence).toContain("Claims across, Stars up; West 100 and 4.5 / 5");
  });

  it("say where an axis does not begin at 0, and are drawn at their place", () => {
    const chart = init(null, null, { renderer: "svg", ssr: true, width: 600, height: 300 });
    chart.setOption(pointsOption(points, { colour: lightColour, isAnimated: false, withNames: true }));
    const svg = new DOMParser().parseFromString(chart.renderToSVGString(), "image/svg+xml").documentElement;
    chart.dispose();
    const texts = [...svg.querySelectorAll("text")].map((each) => each.textContent);
    expect(texts).toEqual(expect.arrayContaining(["Stars from 4.40, not from 0", "West", "South"]));
    expect(points.x.low).toBe(0);
  });

  it("are heard as a table", async () => {
    const widget: Widget = { kind: "scatter", question: { metrics: ["m", "s"], dimensions: ["region"] } };
    const answer = answerOf([part("region"), claims, stars], rows);
    show(<WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="Both" />);
    const table = await screen.findByRole("table", { name: "Both" });
    expect(within(table).getByRole("row", { name: "West 100 4.5 / 5" })).toBeInTheDocument();
  });
});

describe("a distribution", () => {
  it("counts each group once, in classes equally wide from 0, and says who has no value", () => {
    const values = [1, 2, 2, 3, 9, 10, 10, null];
    const rows = values.map((value, at): Cell[] => [`g${at}`, value]);
    const { plan } = drawn("histogram", "chart", answerOf([part("shop"), { ...rate, unit: "count" }], rows));
    expect(plan.bars.reduce((sum, { to }) => sum + to, 0)).toBe(7);
    expect(plan.scale.low).toBe(0);
    expect(plan.note).toBe("1 without a value");
    expect(plan.bands[0]?.label).toMatch(/^1|^0 to under/);
    const bars = filledWith(svgOf(plan), lightColour("--accent")).filter(({ height }) => height > 0);
    const widths = new Set(bars.map(({ width }) => Math.round(width)));
    expect(Math.max(...widths) - Math.min(...widths)).toBeLessThanOrEqual(1);
  });

  it.each([
    ["count", Array.from({ length: 400 }, (_, at) => at * 1.7e14)],
    ["/ 5", Array.from({ length: 400 }, (_, at) => at / 100)],
    ["usd", Array.from({ length: 400 }, (_, at) => at * 4_321.5)],
  ])("in %s has its edges under it, however many classes there are", (unit, values) => {
    const rows = values.map((value, at): Cell[] => [`g${at}`, value]);
    const { plan } = drawn("histogram", "chart", answerOf([part("shop"), { ...rate, unit }], rows));
    expect(plan.bars.length).toBeGreaterThan(10);
    const { low = 0, high = 0, step = 1 } = plan.edges ?? {};
    const edges = Array.from({ length: Math.round((high - low) / step) + 1 }, (_, at) =>
      axisText(Number((low + at * step).toPrecision(12)), { low, high, step, unit, reason: null }),
    );
    const told = textsIn(svgOf(plan)).map((text) => text.replace(" / 5", ""));
    const under = edges.filter((edge) => told.includes(edge.replace(" / 5", "")));
    expect(under.length).toBeGreaterThanOrEqual(4);
    expect(under[0]).toBe(edges[0]);
  });

  it("of days leaves out the one that still runs, and counts days without rows as 0", () => {
    const answer = daily(
      [time, count],
      [
        ["2026-11-02", 4],
        ["2026-11-04", 1],
      ],
      { partial: [{ time: "2026-11-04", reason: "so_far" }] },
    );
    const { plan } = drawn("histogram", "chart", answer);
    expect(plan.bars.reduce((sum, { to }) => sum + to, 0)).toBe(2);
    expect(plan.note).toBe("1 partial left out");
  });

  it.each([[[5, 5, 5]], [[-3, -1, 2]], [[0.1, 0.2, 0.3]], [[1e12, 1e12 + 1]]])(
    "of %j has every value in a class",
    (values) => {
      const rows = values.map((value, at): Cell[] => [`g${at}`, value]);
      const { plan } = drawn(
        "histogram",
        "chart",
        answerOf([part("shop"), { ...rate, unit: "count" }], rows),
      );
      expect(plan.bars.reduce((sum, { to }) => sum + to, 0)).toBe(values.length);
      expect(plan.bars.length).toBeLessThanOrEqual(21);
    },
  );
});

describe("a heat map", () => {
  const rows: Cell[][] = [
    ["web", "West", 10],
    ["web", "South", 0],
    ["app", "West", 70],
  ];
  const both = [part("channel"), part("region")];

  it("tells no data from 0, and names what its colours stand for", () => {
    const { heat } = drawn("heatmap", "heat", answerOf([...both, { ...rate, unit: "count" }], rows));
    const at = (row: string, column: string) =>
      heat.rows.find(({ name }) => name === row)?.cells[heat.columns.indexOf(column)];
    expect(at("South", "web")).toMatchObject({ value: 0, text: "0", shade: "s1" });
    expect(at("South", "app")).toMatchObject({ value: null, text: null, shade: null });
    expect(at("West", "app")?.shade).toBe("s7");
    expect(heat.key.map(({ text }) => text)[0]).toBe("from 0");
  });

  it("goes to both sides of 0 equally far", () => {
    const signed = rows.map(([a = null, b = null], at): Cell[] => [a, b, [-10, 0, 2][at] ?? null]);
    const { heat } = drawn("heatmap", "heat", answerOf([...both, { ...rate, unit: "count" }], signed));
    const shades = heat.rows.flatMap(({ cells }) => cells.map(({ shade }) => shade));
    expect(shades).toEqual(["d1", "d5", "d4", null]);
  });

  it("of hours by weekday is an average of whole hours, and never of what does not add up", () => {
    // Two Mondays; the second has 9 o'clock still running.
    const hourly = (value: Column) => ({
      ...answerOf(
        [{ ...time, type: "timestamp" as const }, value],
        [
          ["2026-11-02T08:00:00", 4],
          ["2026-11-02T09:00:00", 6],
          ["2026-11-09T08:00:00", 8],
          ["2026-11-09T09:00:00", 1],
        ],
        { grain: "hour" },
      ),
      partial: [{ time: "2026-11-09T09:00:00", reason: "so_far" as const }],
    });
    const { heat } = drawn("heatmap", "heat", hourly(count));
    const monday = heat.rows[0]?.cells ?? [];
    expect([monday[8]?.value, monday[9]?.value, monday[10]?.value]).toEqual([6, 6, 0]);
    expect(heat.note).toContain("hours in UTC");
    const widget: FurtherWidget = { kind: "heatmap", question: { metrics: ["s"] } };
    const told = furtherOf(widget, { ...hourly(stars), metric_id: "s" }, METRICS, "Stars", {
      hueOf: freshHues(),
      readerZone: "UTC",
    });
    expect(told).toMatchObject({ as: "refused", why: expect.stringContaining("does not add up") });
  });

  it("is a table for whoever does not see it", async () => {
    const widget: Widget = {
      kind: "heatmap",
      question: { metrics: ["m"], dimensions: ["channel", "region"] },
    };
    const answer = answerOf([...both, count], rows);
    show(<WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="Where" />);
    const table = await screen.findByRole("table", { name: "Where" });
    expect(within(table).getByRole("row", { name: /^West 10 70$/ })).toBeInTheDocument();
  });
});

describe("a pivot", () => {
  const rows: Cell[][] = [
    ["web", "West", "10.10"],
    ["web", "South", "0.20"],
    ["app", "West", "70.05"],
  ];
  const both = [part("channel"), part("region")];
  const money: Column = { ...count, type: "decimal", unit: "usd" };

  it("adds up what adds up, to the last digit, and nothing else", () => {
    const { pivot } = drawn("pivot", "pivot", answerOf([...both, money], rows));
    expect(pivot.columns).toEqual(["West", "South"]);
    expect(pivot.rows.map(({ names, total }) => [names[0], total])).toEqual([
      ["web", "$10.30"],
      ["app", "$70.05"],
    ]);
    expect(pivot.totals).toEqual(["$80.15", "$0.20"]);
    const widget: FurtherWidget = { kind: "pivot", question: { metrics: ["s"] } };
    const answer = { ...answerOf([...both, stars], rows), metric_id: "s" };
    const told = furtherOf(widget, answer, METRICS, "Stars", { hueOf: freshHues(), readerZone: "UTC" });
    expect(told).toMatchObject({
      as: "pivot",
      pivot: { addsUp: false, note: "no totals: this does not add up" },
    });
  });

  it("of several metrics adds up each by itself, and none across", () => {
    const { pivot } = drawn(
      "pivot",
      "pivot",
      daily(
        [...both, claims, stars],
        [
          ["web", "West", 10, 4.5],
          ["app", "West", 5, null],
        ],
      ),
    );
    expect(pivot.columns).toEqual(["West · Claims", "West · Stars"]);
    expect([pivot.totals, pivot.grand, pivot.addsUpAcross]).toEqual([["15", null], null, false]);
  });

  it("has no totals where rows were left out, and writes no data as no data", () => {
    const cut = answerOf([...both, { ...money, empty: "unknown" }], rows, { limit: 3 });
    const { pivot } = drawn("pivot", "pivot", cut);
    expect(pivot.note).toBe("rows were left out: no totals");
    expect(pivot.rows[1]?.cells[1]).toMatchObject({ text: "–", title: "no data" });
  });
});

describe("a heat map of one value alone", () => {
  it.each([
    [0, "s1"],
    [12, "s7"],
  ])("of %s is as light or dark as that is", (value, shade) => {
    const same = ["a", "b"].map((name): Cell[] => [name, "x", value]);
    const { heat } = drawn(
      "heatmap",
      "heat",
      answerOf([part("channel"), part("region"), { ...rate, unit: "count" }], same),
    );
    expect(heat.rows.flatMap(({ cells }) => cells.map((cell) => cell.shade))).toEqual([shade, shade]);
    expect([heat.key.map((each) => each.shade), heat.ends]).toEqual([[shade], [String(value), ""]]);
  });
});

describe("small charts", () => {
  const answer = daily(
    [time, part("region"), count],
    [
      ["2026-11-02", "West", 600],
      ["2026-11-03", "West", 610],
      ["2026-11-02", "South", 3],
    ],
  );

  it("are all on one scale, and each says its own", () => {
    const { plans } = drawn("multiples", "several", answer);
    expect(plans.map(({ label }) => label)).toEqual(["West", "South"]);
    expect(new Set(plans.map(({ scale }) => `${scale.low} ${scale.high}`)).size).toBe(1);
    expect(plans[1]?.lines[0]?.to).toEqual([3, 0]);
    expect(plans[1]?.sentence).toContain("highest 3");
  });

  it("say how many of how many are shown", () => {
    const many = daily(
      [time, part("k"), count],
      Array.from({ length: 15 }, (_, at): Cell[] => ["2026-11-02", `k${at}`, at]),
    );
    const { plans, note } = drawn("multiples", "several", many);
    expect([plans.length, note]).toEqual([12, "the largest 12 of 15 · 2 Nov · all on one scale"]);
  });
});

describe("the corner of a pivot", () => {
  it("is the sum of everything, where there is one", () => {
    const rows: Cell[][] = [
      ["web", "West", 10],
      ["app", "West", 70],
      ["app", "South", 5],
    ];
    const of = (value: Column) => answerOf([part("channel"), part("region"), value], rows);
    expect(drawn("pivot", "pivot", of(count)).pivot.grand).toBe("85");
    const answer = { ...of(stars), metric_id: "s" };
    expect(drawn("pivot", "pivot", answer).pivot.grand).toBeNull();
  });
});

describe("an answer without any value", () => {
  const unknown: Column = { ...claims, empty: "unknown" };
  const overTime = daily([time, part("k"), unknown], [["2026-11-02", "West", null]]);
  const byTwo = answerOf([part("k"), part("region"), unknown], [["a", "West", null]]);
  const byOne = answerOf([part("k"), unknown], [["West", null]]);
  it.each([
    ["trend", overTime],
    ["multiples", overTime],
    ["bar", byOne],
    ["breakdown", byOne],
    ["map", byOne],
    ["heatmap", byTwo],
    ["histogram", byOne],
  ] as const)("is one sentence: %s", (kind, answer) => {
    const widget: Widget = { kind, question: { metrics: ["m"] } };
    show(<WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="Claims" />);
    expect(screen.getByText("No values in this window.")).toBeVisible();
  });
});

describe("names beside one another", () => {
  it("are read each in its own direction", () => {
    const rows: Cell[][] = [["הטלפון", "West", 3]];
    const { points } = drawn(
      "scatter",
      "points",
      answerOf([part("k"), part("region"), claims, stars], [["הטלפון", "West", 3, 4]]),
    );
    expect(points.points[0]?.name).toBe("\u2068הטלפון\u2069 · West");
    expect(
      drawn("pivot", "pivot", answerOf([part("k"), part("region"), count], rows)).pivot.rows[0]?.names,
    ).toEqual(["הטלפון"]);
  });
});

describe("charts that wait for their turn", () => {
  it("are drawn one a task, and one that was taken back never", async () => {
    const order: string[] = [];
    drawInTurn(() => order.push("first"));
    const takeBack = drawInTurn(() => order.push("gone"));
    drawInTurn(() => order.push("second"));
    takeBack();
    expect(order).toEqual([]);
    await vi.waitFor(() => expect(order).toEqual(["first", "second"]));
  });
});

describe("a map", () => {
  it("finds states by name and code, and says what is none", () => {
    const rows: Cell[][] = [
      ["Texas", 5],
      ["ca", 0],
      ["Atlantis", 3],
      [null, 1],
      ["TX", 2],
      ["Ohio", null],
    ];
    const { places } = drawn("map", "map", answerOf([part("state"), count], rows));
    expect(places.rows.map(({ name, size }) => [name, size])).toEqual([
      ["Texas", 5],
      ["California", 0],
    ]);
    expect(places.note).toBe("3 not on the map: Atlantis, (none), TX · 1 without a value");
  });

  it("has five classes of about as many places, each with what it holds", () => {
    const sizes = [1, 2, 3, 50, 60, 700, 800, 9_000, 9_500, 100_000];
    const legend = classesOf(sizes.map((size, at) => ({ name: `p${at}`, value: size, size })));
    expect(legend.map(({ low, high }) => [low.size, high.size])).toEqual([
      [1, 2],
      [3, 50],
      [60, 700],
      [800, 9_000],
      [9_500, 100_000],
    ]);
    expect(new Set(legend.map(({ colour }) => colour)).size).toBe(5);
    // The palest is no paper.
    expect(legend[0]?.colour).toContain("24%");
  });

  it.each([
    [
      [-1286, 642, -414, 0, 216, -1],
      ["d1", "d2", "d3", "d4", "d6", "d7"],
    ],
    [
      [-5, -3, -1],
      ["d1", "d2", "d3"],
    ],
    [
      [-2, 2],
      ["d1", "d7"],
    ],
  ])("with values below 0 like %j goes both ways from 0", (sizes, shades) => {
    const legend = classesOf(sizes.map((size, at) => ({ name: `p${at}`, value: size, size })));
    expect(legend.map(({ colour }) => colour)).toEqual(shades.map((shade) => `var(--${shade})`));
    for (const { low, high, colour } of legend)
      expect(Math.sign(low.size) === Math.sign(high.size) && colour.startsWith("var(--d")).toBe(true);
  });

  it("tells a place without data from the palest, and from one where nothing was counted", async () => {
    const rows: Cell[][] = [
      ["Texas", 73],
      ["Ohio", "63.37"],
    ];
    const widget: Widget = { kind: "map", question: { metrics: ["m"], dimensions: ["state"] } };
    for (const [value, absent] of [
      [{ ...rate, unit: null }, "no data"],
      [{ ...count, unit: null }, "none"],
    ] as const) {
      const answer = answerOf([part("state"), value], rows);
      const { unmount } = show(
        <WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="Where" />,
      );
      const legend = await screen.findByRole("list", { name: "Legend" });
      expect(
        within(legend)
          .getAllByRole("listitem")
          .map((each) => each.textContent),
      ).toEqual(["63.37", "73.00", absent]);
      const fills = ["Texas: 73", "Iowa:"].map((name) =>
        screen.getByRole("button", { name: new RegExp(name) }).getAttribute("fill"),
      );
      expect(fills[0]).toContain("--accent");
      expect(fills[1]).toMatch(absent === "none" ? /sunken/ : /^url\(#/);
      unmount();
    }
  });

  it("finds countries by name in several languages and by code, and tells CA the country from CA the state", () => {
    const rows: Cell[][] = [
      ["Deutschland", 5],
      ["FRA", 3],
      ["United Kingdom", 2],
      ["the Netherlands", 1],
      ["Türkiye", 1],
      ["CI", 1],
      ["Atlantis", 9],
    ];
    const { places } = drawn("map", "map", answerOf([part("market"), count], rows));
    expect(places.on).toBe("countries");
    expect(places.rows.map(({ name }) => name)).toEqual(["276", "250", "826", "528", "792", "384"]);
    expect(places.note).toBe("1 not on the map: Atlantis");
    const codes: Cell[][] = [
      ["CA", 1],
      ["DE", 2],
      ["IN", 3],
    ];
    expect(drawn("map", "map", answerOf([part("k"), count], codes)).places.on).toBe("states");
    expect(drawn("map", "map", answerOf([part("country"), count], codes)).places.on).toBe("countries");
  });

  it("has every country that it knows by name", async () => {
    const { COUNTRIES } = await import("@/charts/map/countries");
    const { countryNumber } = await import("@/charts/map/countryNames");
    const keys = new Set(COUNTRIES.shapes.map(({ key }) => key));
    expect(keys.size).toBe(COUNTRIES.shapes.length);
    for (const name of ["US", "Brazil", "IND", "Viet Nam", "Côte d'Ivoire", "DR Congo", "德国", "España"])
      expect(keys, name).toContain(countryNumber(name));
    // Kassel lies in Germany, to the right of Dublin and below Oslo.
    const [x, y] = COUNTRIES.spot(9.5, 51.3) ?? [0, 0];
    expect(x).toBeGreaterThan(COUNTRIES.spot(-6.3, 53.3)?.[0] ?? 0);
    expect(y).toBeGreaterThan(COUNTRIES.spot(10.7, 59.9)?.[1] ?? 0);
  });

  it("draws points as large as their values, and says who has no place, no value or one below 0", async () => {
    const places: Column[] = [part("centre"), part("latitude", "decimal"), part("longitude", "decimal")];
    const rows: Cell[][] = [
      ["Reno", "39.53", "-119.81", 9],
      ["Ames", "42.03", "-93.62", 4],
      ["Nowhere", null, "-93", 1],
      ["Off", "99", "0", 1],
      ["Unknown", "40", "-90", null],
      ["Back", "41", "-91", -2],
    ];
    const answer = answerOf([...places, count], rows);
    const { places: found } = drawn("map", "map", answer);
    expect(found.spots.map(({ name, size, longitude }) => [name, size, longitude])).toEqual([
      ["Reno", 9, -119.81],
      ["Ames", 4, -93.62],
    ]);
    expect([found.on, found.note]).toEqual([
      "states",
      "areas by claims, the largest 9 · 2 without a place · 1 without a value · 1 below 0 not drawn",
    ]);
    const dimensions = ["centre", "latitude", "longitude"];
    const widget: Widget = { kind: "map", question: { metrics: ["m"], dimensions } };
    show(<WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="Centres" />);
    const map = await screen.findByRole("img", { name: "Centres" });
    const radii = [...map.querySelectorAll("circle")].map((each) => Number(each.getAttribute("r")));
    // Areas are as 9 to 4, so radii as 3 to 2.
    expect((radii[0] ?? 0) / (radii[1] ?? 1)).toBeCloseTo(1.5);
    expect(screen.getByRole("row", { name: "Reno 9" })).toBeInTheDocument();
  });

  it.each([
    ["destination_state", "states"],
    ["donation_state", "states"],
    ["ship_country", "countries"],
    ["nation", "countries"],
    ["country_state", "states"],
    ["termination", "states"],
  ])("of %s has the places that its words say", (name, on) => {
    // California, Delaware and Indiana, or Canada, Germany and India.
    const rows: Cell[][] = [
      ["CA", 1],
      ["DE", 2],
      ["IN", 3],
    ];
    expect(drawn("map", "map", answerOf([part(name), count], rows)).places.on).toBe(on);
  });

  it("draws every point, also those that the drawing of the states has no place for", async () => {
    const rows: Cell[][] = [
      ["Reno", "39.53", "-119.81", 9],
      ["San Juan", "18.47", "-66.11", 4],
      ["Mexico City", "19.43", "-99.13", 4],
    ];
    const answer = answerOf([part("centre"), part("lat", "decimal"), part("lon", "decimal"), count], rows);
    const widget: Widget = {
      kind: "map",
      question: { metrics: ["m"], dimensions: ["centre", "lat", "lon"] },
    };
    // Its maps come while it is drawn.
    await act(async () => {
      show(<WidgetBody widget={widget} answer={answer} spark={undefined} metrics={METRICS} label="All" />);
    });
    const map = await screen.findByRole("img", { name: "All" });
    expect(map.querySelectorAll("circle")).toHaveLength(3);
  });

  it("says so where nothing is a state", () => {
    const widget: FurtherWidget = { kind: "map", question: { metrics: ["m"], dimensions: ["k"] } };
    const told = furtherOf(widget, answerOf([part("k"), count], [["x", 1]]), METRICS, "K", {
      hueOf: freshHues(),
      readerZone: "UTC",
    });
    expect(told).toMatchObject({ as: "refused", why: "No value of k is a state of the United States." });
  });
});

describe("choosing a kind", () => {
  const first = aMetric({
    metric_id: "m",
    dimensions: [
      { name: "region", label: "Region", type: "string", table: "t" },
      { name: "state", label: "State", type: "string", table: "t" },
    ],
  });
  const other = aMetric({ ...first, metric_id: "s" });
  const lone = aMetric({ metric_id: "n", dimensions: [], time: null, window: null });
  const widget: Widget = { kind: "bar", question: { metrics: ["m"], dimensions: ["region"] } };

  it("takes what the kind needs, and leaves what it does not", () => {
    const metrics = [first, other];
    const asked = (kind: Widget["kind"]) => withKind(widget, kind, metrics).question;
    expect(asked("combo")).toMatchObject({ metrics: ["m", "s"], dimensions: [], grain: "day" });
    expect(asked("scatter")).toMatchObject({ metrics: ["m", "s"], dimensions: ["region"] });
    expect(asked("heatmap")).toMatchObject({ metrics: ["m"], dimensions: ["region", "state"] });
    expect(asked("map")).toMatchObject({ dimensions: ["state"], grain: null });
    const combo = withKind(widget, "combo", metrics);
    expect(withKind(combo, "trend", metrics).question.metrics).toEqual(["m"]);
  });

  it("offers none that nothing can be drawn by", () => {
    const plain: Widget = { kind: "kpi", question: { metrics: ["n"] } };
    const kinds = ["combo", "scatter", "histogram", "heatmap", "pivot", "multiples", "map", "text"] as const;
    expect(kinds.filter((kind) => canBe(plain, kind, [lone]))).toEqual([]);
    expect(kinds.filter((kind) => canBe(widget, kind, [first, other]))).toEqual(kinds.slice(0, 7));
  });
});

describe("a text", () => {
  it("is headings, paragraphs and points, and no markup of its own", async () => {
    const { WidgetTile } = await import("@/widgets/WidgetTile");
    const text = "# Claims\n\nFirst <b>line</b>\nsecond\n\n- one\n- two";
    show(<WidgetTile widget={{ kind: "text", question: { metrics: [] }, text }} />);
    expect(screen.getByRole("heading", { name: "Claims" })).toBeInTheDocument();
    expect(screen.getByText(/First <b>line<\/b>/)).toBeInTheDocument();
    expect(screen.getAllByRole("listitem")).toHaveLength(2);
    render(null);
  });
});
