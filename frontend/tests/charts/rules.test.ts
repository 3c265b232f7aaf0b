/** The rules of docs/charts.md, each on what was drawn. */
import { describe, expect, it, vi } from "vitest";
import type { Answer, Cell } from "@/api/types";
import { apart } from "@/charts/apart";
import { clipped, cutNames } from "@/charts/cut";
import { createHues } from "@/charts/hues";
import { markText, type Plan } from "@/charts/plan";
import { ticksOf } from "@/charts/rules/axisWords";
import {
  aGiver,
  answerOf,
  before,
  count,
  filledWith,
  freshHues,
  hours,
  lightColour,
  linesIn,
  metric,
  part,
  planOf,
  rate,
  svgOf,
  textsIn,
  time,
} from "./drawing";

const ACCENT = lightColour("--accent");

/** Where a size of the scale lies, as its axis is drawn: from the grid's lines. */
function heights(plan: Plan, svg: SVGSVGElement): (size: number) => number {
  const grid = [...svg.querySelectorAll("path")]
    .filter((path) => path.getAttribute("stroke") === lightColour("--line"))
    .map((path) => Number(/M\s*-?[\d.]+[ ,](-?[\d.]+)/.exec(path.getAttribute("d") ?? "")?.[1]));
  // The lines of the grid are moved onto whole pixels, by half of one.
  const [low, high] = [Math.max(...grid) - 0.5, Math.min(...grid) - 0.5];
  return (size) => low - ((size - plan.scale.low) / (plan.scale.high - plan.scale.low)) * (low - high);
}

const WINDOW = (start: string, end: string, timezone = "UTC") => ({ name: "between", start, end, timezone });

describe("stacks", () => {
  // p has no rows on 5 Nov, so q stands on the ground there (F08).
  const rows: Cell[][] = [
    ["2026-11-02", "p", 15],
    ["2026-11-09", "p", 30],
    ["2026-11-05", "q", 1],
    ["2026-11-09", "q", 3],
  ];
  const answer = answerOf([time, part("k"), count], rows, { grain: "day" });

  it("add by key, not by place", () => {
    const plan = planOf("trend", answer, { stacked: true });
    const svg = svgOf(plan);
    const at = heights(plan, svg);
    const [p, q] = plan.series.map(({ hue }) => linesIn(svg, lightColour(`--c${hue}`))[0]?.points ?? []);
    expect(p?.map(([, y]) => Math.round(y))).toEqual(
      [15, 0, 0, 0, 0, 0, 0, 30].map((size) => Math.round(at(size))),
    );
    expect(q?.map(([, y]) => Math.round(y))).toEqual(
      [15, 0, 0, 1, 0, 0, 0, 33].map((size) => Math.round(at(size))),
    );
  });

  it("of bars begin where the one below ends, and at zero", () => {
    const plan = planOf("bar", answer, { stacked: true });
    const svg = svgOf(plan);
    const at = heights(plan, svg);
    const rects = plan.series.flatMap(({ hue }) =>
      filledWith(svg, lightColour(`--c${hue}`)).filter(({ height }) => height > 0),
    );
    const spans = rects.map(({ y, height }) => [Math.round(y + height), Math.round(y)]);
    const expected = [
      [0, 15],
      [0, 30],
      [0, 1],
      [30, 33],
    ].map((span) => span.map((size) => Math.round(at(size))));
    expect(spans).toEqual(expected);
  });

  it("go down from zero apart from what goes up", () => {
    const both = answerOf(
      [time, part("k"), count],
      [
        ["2026-11-02", "p", 5],
        ["2026-11-02", "q", -3],
        ["2026-11-02", "r", -2],
      ],
      {
        grain: "day",
      },
    );
    const plan = planOf("bar", both, { stacked: true });
    expect(plan.bars.map(({ from, to }) => [from, to])).toEqual([
      [0, 5],
      [0, -3],
      [-3, -5],
    ]);
  });
});

describe("stacks to 100 %", () => {
  const rows: Cell[][] = [
    ["2026-11-02", "p", 1],
    ["2026-11-02", "q", 3],
    ["2026-11-03", "q", 8],
    ["2026-11-04", "p", 5],
    ["2026-11-04", "q", 5],
  ];
  const answer = answerOf([time, part("k"), count], rows, { grain: "day" });

  it("fill the axis from 0 to 100 % in each band, by key, and keep their values", () => {
    const plan = planOf("bar", answer, { shares: true });
    const svg = svgOf(plan);
    const at = heights(plan, svg);
    const spans = plan.series.map(({ hue }) =>
      filledWith(svg, lightColour(`--c${hue}`))
        .filter(({ height }) => height > 0)
        .map(({ y, height }) => [Math.round(y + height), Math.round(y)]),
    );
    const expected = [
      [
        [0, 0.25],
        [0, 0.5],
      ],
      [
        [0.25, 1],
        [0, 1],
        [0.5, 1],
      ],
    ];
    expect(spans).toEqual(
      expected.map((series) => series.map((span) => span.map((size) => Math.round(at(size))))),
    );
    expect(textsIn(svg)).toEqual(expect.arrayContaining(["0%", "50%", "100%"]));
    expect(plan.sentence).toContain("2 Nov, p 25%, 1; 3 Nov, p 0%, 0");
  });

  it("of areas stand on one another up to 100 %, and a day without anything is a gap", () => {
    const empty = answerOf([time, part("k"), count], [...rows, ["2026-11-06", "p", 0]], { grain: "day" });
    const plan = planOf("trend", empty, { shares: true });
    expect(plan.lines.map(({ to }) => to)).toEqual([
      [0.25, 0, 0.5, null, null],
      [1, 1, 1, null, null],
    ]);
    expect([plan.scale.low, plan.scale.high]).toEqual([0, 1]);
    expect(plan.sentence).toContain("q lowest 50%, highest 100%, last 50%");
  });

  it("lie as bars by name too", () => {
    const byName = answerOf(
      [part("shop"), part("k"), count],
      [
        ["a", "p", 1],
        ["a", "q", 1],
        ["b", "p", 30],
      ],
    );
    const plan = planOf("bar", byName, { shares: true });
    expect(plan.bars.map(({ from, to }) => [from, to])).toEqual(
      expect.arrayContaining([
        [0, 0.5],
        [0.5, 1],
        [0, 1],
      ]),
    );
  });

  it.each([
    ["values below 0", { adds_up: true }, -1],
    ["the values do not add up", { adds_up: false }, 1],
  ])("are none, and said, where there are %s", (why, over, last) => {
    const odd = answerOf([time, part("k"), count], [...rows.slice(0, 4), ["2026-11-04", "q", last]], {
      grain: "day",
    });
    const plan = planOf("bar", odd, { shares: true }, { metrics: [metric(over)] });
    expect([plan.isShare, plan.note]).toEqual([false, `no shares: ${why}`]);
    expect(plan.scale.high).toBeGreaterThan(1);
  });

  it("are said to be of those shown where rows were left out", () => {
    const cut = answerOf([time, part("k"), count], rows, { grain: "day", limit: 5 });
    expect(planOf("bar", cut, { shares: true }).note).toBe("shares of those shown");
  });
});

describe("bars", () => {
  const mixed = answerOf(
    [part("k"), count],
    [
      ["a", 10],
      ["b", -10],
      ["c", 0],
    ],
  );

  it("begin at zero and go the other way below it", () => {
    const plan = planOf("bar", mixed);
    const [a, b] = filledWith(svgOf(plan), ACCENT).filter(({ width }) => width > 0);
    expect(plan.scale).toMatchObject({ low: -10, high: 10 });
    expect(a?.x).toBeCloseTo((b?.x ?? 0) + (b?.width ?? 0), 1);
    expect(a?.width).toBeCloseTo(b?.width ?? 0, 1);
    expect(b?.x).toBeLessThan(a?.x ?? 0);
  });

  it("over time stand on zero, however far their values are from it", () => {
    const far = answerOf(
      [time, count],
      [
        ["2026-11-02", 1000],
        ["2026-11-03", 1010],
      ],
      { grain: "day" },
    );
    const plan = planOf("bar", far);
    const svg = svgOf(plan);
    const at = heights(plan, svg);
    for (const { y, height } of filledWith(svg, ACCENT)) expect(y + height).toBeCloseTo(at(0), 0);
  });

  it("that are parts with one below zero are bars from zero: none vanishes", () => {
    const plan = planOf("breakdown", mixed);
    expect(plan.shape).toBe("by_name");
    expect(plan.bars.map(({ to }) => to)).toEqual([10, -10, 0]);
  });

  it("are no parts of a whole where values do not add up", () => {
    const averages = answerOf(
      [part("k"), rate],
      [
        ["a", 4.5],
        ["b", 3],
      ],
    );
    const plan = planOf("breakdown", averages, {}, { metrics: [metric({ adds_up: false })] });
    expect([plan.shape, plan.whole]).toEqual(["by_name", null]);
  });

  it("of a week still running are lighter and outlined", () => {
    const answer: Answer = {
      ...answerOf(
        [time, count],
        [
          ["2026-11-16", 5],
          ["2026-11-23", 2],
        ],
        { grain: "week" },
      ),
      partial: [{ time: "2026-11-23", reason: "so_far" }],
    };
    const opacities = [...svgOf(planOf("bar", answer)).querySelectorAll("path")]
      .filter((path) => path.getAttribute("fill") === ACCENT)
      .map((path) => path.getAttribute("fill-opacity"));
    expect(opacities).toEqual([null, "0.35"]);
  });
});

describe("the axis of values", () => {
  const daily = (values: (number | null)[]): Cell[][] =>
    values.map((value, day) => [`2026-11-0${day + 2}`, value]);

  it("begins at zero under an area, however far the values are from it", () => {
    const plan = planOf("trend", answerOf([time, count], daily([600, 610, 590]), { grain: "day" }));
    expect([plan.scale.low, plan.scale.reason]).toEqual([0, null]);
    const svg = svgOf(plan);
    const [area] = filledWith(svg, ACCENT);
    expect((area?.y ?? 0) + (area?.height ?? 0)).toBeCloseTo(heights(plan, svg)(0), 0);
  });

  it("may leave zero under a bare line, and then says so", () => {
    const plan = planOf("trend", answerOf([time, rate], daily([4.5, 4.6, 4.55]), { grain: "day" }));
    expect(plan.scale.low).toBeGreaterThan(4);
    expect(textsIn(svgOf(plan))).toContain("axis from 4.50, not from 0");
    expect(plan.sentence).toContain("axis from 4.50, not from 0");
  });

  it("stays the same while values move a little", () => {
    const scale = (last: number) =>
      planOf("trend", answerOf([time, count], daily([612, 655, last]), { grain: "day" })).scale;
    expect(scale(421)).toEqual(scale(433));
  });

  it.each([[[1, 2, 1]], [[0, 1, 0]], [[0, 0, 0]], [[3, 4, 5]]])(
    "of counts like %j has whole steps alone",
    (values) => {
      for (const kind of ["trend", "bar"] as const)
        for (const value of [count, { ...count, empty: "unknown" as const }]) {
          const texts = textsIn(
            svgOf(planOf(kind, answerOf([time, value], daily(values), { grain: "day" }))),
          );
          const labels = texts.filter((text) => /^[\d.]+$/.test(text));
          expect(labels.length).toBeGreaterThan(1);
          expect(labels.filter((text) => text.includes("."))).toEqual([]);
          expect(new Set(labels).size).toBe(labels.length);
        }
    },
  );

  it.each([
    ["usd", [0.5, 2, 1], ["$0.00", "$0.50", "$1.00", "$1.50", "$2.00"]],
    ["usd", [500_000, 1_410_000, 0], ["$0", "$0.5M", "$1.0M", "$1.5M"]],
    ["count", [400_000, 1_600_000, 0], ["0", "0.5M", "1.0M", "1.5M", "2.0M"]],
    ["percent", [0.4, 0.9, 0.1], ["0%", "50%", "100%"]],
  ])("in %s of %j has one number of decimals and one letter", (unit, values, labels) => {
    const answer = answerOf([time, { ...count, unit }], daily(values), { grain: "day" });
    const texts = textsIn(svgOf(planOf("trend", answer, {}, { metrics: [metric({ unit })] })));
    expect(texts.filter((text) => /^\$?[\d.]+[%M]?$/.test(text))).toEqual(labels);
  });

  it("shows lines across the chart, however far the values stay from them", () => {
    const answer = answerOf([time, rate], daily([4.5, 4.6]), { grain: "day" });
    const plan = planOf("trend", answer, { reference_lines: [{ value: "40", label: "target" }] });
    expect(plan.scale.high).toBeGreaterThanOrEqual(40);
    expect(textsIn(svgOf(plan))).toContain("target");
  });
});

describe("no data", () => {
  it("is a gap and not a line across it", () => {
    const rows: Cell[][] = [
      ["2026-11-02", 4],
      ["2026-11-03", 5],
      ["2026-11-06", 4],
      ["2026-11-07", 4.5],
    ];
    const plan = planOf("trend", answerOf([time, rate], rows, { grain: "day" }));
    const lines = linesIn(svgOf(plan), ACCENT).filter(({ points }) => points.length > 1);
    expect(lines.map(({ points }) => points.length)).toEqual([2, 2]);
    expect(plan.sentence).toContain("2 of 6 without data");
  });

  it("is not 0, and 0 is drawn as 0", () => {
    const rows: Cell[][] = [
      ["2026-11-02", 4],
      ["2026-11-03", 0],
      ["2026-11-04", null],
    ];
    const { lines } = planOf("trend", answerOf([time, count], rows, { grain: "day" }));
    expect(lines[0]?.to).toEqual([4, 0, null]);
  });

  it("of a count over a sparse answer is 0, from the first day of the window to its last (F09)", () => {
    const rows: Cell[][] = [
      ["2026-11-05", "q", 1],
      ["2026-11-02", "p", 2],
    ];
    const window = WINDOW("2026-11-01T00:00:00Z", "2026-11-07T00:00:00Z");
    const plan = planOf(
      "trend",
      answerOf([time, part("k"), count], rows, { grain: "day", window, as_of: "2026-11-20T00:00:00Z" }),
    );
    expect(plan.bands.map(({ label }) => label)).toEqual([
      "1 Nov",
      "2 Nov",
      "3 Nov",
      "4 Nov",
      "5 Nov",
      "6 Nov",
    ]);
    expect(plan.lines.map(({ to }) => to)).toEqual([
      [0, 0, 0, 0, 1, 0],
      [0, 2, 0, 0, 0, 0],
    ]);
  });

  it("is a gap where rows may have been left out", () => {
    const rows: Cell[][] = [
      ["2026-11-02", "p", 2],
      ["2026-11-04", "q", 1],
    ];
    const { lines } = planOf("trend", answerOf([time, part("k"), count], rows, { grain: "day", limit: 2 }));
    expect(lines.map(({ to }) => to)).toEqual([
      [2, null, null],
      [null, null, 1],
    ]);
  });

  it("is told from NaN and infinity, which are drawn nowhere and said", () => {
    const rows: Cell[][] = [
      ["a", "NaN"],
      ["b", "Infinity"],
      ["c", null],
      ["d", 2],
    ];
    const plan = planOf("bar", answerOf([part("k"), rate], rows));
    expect(plan.bars.map(({ to, value }) => [to, value])).toEqual([
      [0, "NaN"],
      [0, "Infinity"],
      [0, null],
      [2, 2],
    ]);
    expect(plan.sentence).toBe("Claims: a NaN; b Infinity; c –; d 2 / 5.");
  });
});

describe("partial ends", () => {
  const rows: Cell[][] = [
    ["2026-11-02", 2],
    ["2026-11-03", 5],
    ["2026-11-04", 6],
    ["2026-11-05", 1],
  ];
  const partial: Answer["partial"] = [
    { time: "2026-11-02", reason: "cut" },
    { time: "2026-11-05", reason: "so_far" },
  ];

  it("are dotted at both ends, and not filled", () => {
    const svg = svgOf(planOf("trend", { ...answerOf([time, count], rows, { grain: "day" }), partial }));
    const drawn = linesIn(svg, ACCENT);
    const of = (dashed: boolean) =>
      drawn.filter((each) => each.dashed === dashed && each.points.length > 1 && each.points.length < 5);
    expect(of(false).map(({ points }) => points.length)).toEqual([2]);
    const [solid] = of(false);
    expect(filledWith(svg, ACCENT).map(({ width }) => Math.round(width))).toContain(
      Math.round((solid?.points[1]?.[0] ?? 0) - (solid?.points[0]?.[0] ?? 0)),
    );
    expect(of(true).length).toBeGreaterThan(0);
  });

  it("are said, and do not count as the lowest", () => {
    const { sentence } = planOf("trend", { ...answerOf([time, count], rows, { grain: "day" }), partial });
    expect(sentence).toBe("Claims, 2 Nov to 5 Nov: lowest 5, highest 6, in the last so far 1.");
  });

  it("are none where the answer tells of none", () => {
    const plan = planOf("trend", answerOf([time, count], rows, { grain: "day" }));
    expect(plan.bands.every(({ state }) => state === "whole")).toBe(true);
  });
});

describe("colours", () => {
  const rows: Cell[][] = [
    ["web", 5],
    ["app", 3],
    ["phone", 2],
    ["store", 1],
    ["chat", 1],
  ];
  const huesOf = (plan: Plan) => Object.fromEntries(plan.series.map(({ name, hue }) => [name, hue]));

  it("belong to values, whatever the order of the rows and whatever stands beside them", () => {
    const hues = freshHues();
    const drawn = (shown: Cell[][]) =>
      huesOf(planOf("breakdown", answerOf([part("channel"), count], shown), {}, { hues }));
    const all = drawn(rows);
    expect(drawn([...rows].reverse())).toEqual(all);
    expect(drawn(rows.slice(2, 4))).toEqual({ phone: all.phone, store: all.store });
    expect(new Set(Object.values(all)).size).toBe(rows.length);
  });

  it("are the same in two browsers that meet values in another order, and grey until they are told", async () => {
    const giver = aGiver();
    const [one, other] = [createHues(giver.ask), createHues(giver.ask)];
    for (const page of [one, other]) page.take([]);
    const [first, second] = [
      ['["web"]', '["app"]', '["chat"]'],
      ['["store"]', '["chat"]', '["web"]'],
    ];
    expect([...one.hueOf("channel", first).values()]).toEqual(["others", "others", "others"]);
    await vi.waitFor(() => expect(one.hueOf("channel", first).get('["chat"]')).not.toBe("others"));
    other.hueOf("channel", second);
    await vi.waitFor(() => expect(other.hueOf("channel", second).get('["store"]')).not.toBe("others"));
    for (const value of ['["web"]', '["chat"]']) {
      expect(other.hueOf("channel", second).get(value)).toBe(one.hueOf("channel", first).get(value));
    }
  });

  it("stand in for those that nobody tells, so that lines are told apart, and are asked for again", async () => {
    let isAway = true;
    let moment = 0;
    const giver = aGiver({ '["web"]': 4 });
    const hues = createHues(
      async (...asked) => (isAway ? Promise.reject(new Error("away")) : giver.ask(...asked)),
      () => moment,
    );
    hues.take(null);
    const keys = ['["web"]', '["app"]'];
    const drawn = () => [...hues.hueOf("channel", keys).values()];
    drawn();
    await vi.waitFor(() => expect(drawn()).not.toContain("others"));
    expect(new Set(drawn()).size).toBe(2);
    isAway = false;
    moment = 31_000;
    await vi.waitFor(() => expect(hues.hueOf("channel", keys).get('["web"]')).toBe(4));
  });

  it("are never the same for two series of one chart, and a chosen one stays", () => {
    const hues = createHues(aGiver().ask);
    const names = Array.from({ length: 8 }, (_, at) => `["old ${at}"]`);
    hues.take([
      { dimension: "k", hues: Object.fromEntries(names.map((name) => [name, 3])), chosen: ['["old 7"]'] },
    ]);
    const given = hues.hueOf("k", names);
    expect(new Set(given.values()).size).toBe(8);
    expect(given.get('["old 7"]')).toBe(3);
  });

  it("of a series alone is the accent", () => {
    expect(planOf("bar", answerOf([part("k"), count], [["a", 1]])).series.map(({ hue }) => hue)).toEqual([
      "accent",
    ]);
  });
});

describe("more than eight parts", () => {
  const many: Cell[][] = Array.from({ length: 12 }, (_, at) => [`p${at}`, 12 - at]);

  it("are the seven largest and the others, added up", () => {
    const plan = planOf("breakdown", answerOf([part("k"), count], many));
    expect(plan.series.map(({ name }) => name)).toEqual([
      "p0",
      "p1",
      "p2",
      "p3",
      "p4",
      "p5",
      "p6",
      "others (5)",
    ]);
    expect(plan.series.at(-1)?.hue).toBe("others");
    expect(plan.bars.at(-1)).toMatchObject({ value: "15", from: 63, to: 78 });
    expect(plan.bars.at(-1)?.filters).toEqual([
      { dimension: "k", op: "in", values: ["p7", "p8", "p9", "p10", "p11"] },
    ]);
  });

  it("that do not add up are the seven largest, and that is said", () => {
    const rows = many.map(([name, value]): Cell[] => ["2026-11-02", name ?? null, value ?? null]);
    const plan = planOf(
      "trend",
      answerOf([time, part("k"), rate], rows, { grain: "day" }),
      {},
      { metrics: [metric({ adds_up: false })] },
    );
    expect(plan.series).toHaveLength(7);
    expect(plan.note).toBe("top 7 of 12; the rest does not add up");
  });
});

describe("what differs on the wire", () => {
  const values: Cell[] = [null, "", "(none)", "a_b", "a b", "A B", " a b", "a\u200bb", "e\u0301", "\u00e9"];

  it.each(["bar", "breakdown"] as const)("never becomes one in a %s", (kind) => {
    const plan = planOf(
      kind,
      answerOf(
        [part("k"), count],
        values.map((value): Cell[] => [value, 1]),
      ),
      {},
      {},
    );
    const names = kind === "bar" ? plan.bands.map(({ label }) => label) : plan.series.map(({ name }) => name);
    const shown = new Set(names.map((name) => name.normalize("NFC")));
    expect(shown.size).toBe(names.length);
  });

  it("never becomes one line", () => {
    const few = values.slice(0, 6);
    const rows = few.flatMap((value): Cell[][] => [
      ["2026-11-02", value, 1],
      ["2026-11-03", value, 2],
    ]);
    const plan = planOf("trend", answerOf([time, part("k"), count], rows, { grain: "day" }));
    expect(plan.series.map(({ name }) => name)).toEqual([
      "(none)",
      "(empty)",
      '"(none)"',
      "a_b",
      "a b",
      "A B",
    ]);
    expect(plan.lines.every(({ to }) => to.length === 2)).toBe(true);
  });

  it("leads to a filter of its own", () => {
    const plan = planOf(
      "bar",
      answerOf(
        [part("k"), count],
        values.map((value): Cell[] => [value, 1]),
        { order: [{ by: "k", descending: false }] },
      ),
    );
    expect(plan.bars.map(({ filters }) => filters[0])).toEqual(
      values.map((value) =>
        value === null ? { dimension: "k", op: "is_null" } : { dimension: "k", op: "eq", values: [value] },
      ),
    );
  });
});

describe("time", () => {
  it("of hours is the wall clock of the workspace in every browser (F01)", () => {
    const rows: Cell[][] = [
      ["2026-11-02T00:00:00-05:00", 1],
      ["2026-11-02T01:00:00-05:00", 2],
    ];
    const window = WINDOW("2026-11-02T05:00:00Z", "2026-11-02T07:00:00Z", "America/New_York");
    const answer = answerOf([hours, count], rows, { grain: "hour", window, as_of: "2026-11-20T00:00:00Z" });
    const plan = planOf("trend", answer, {}, { readerZone: "Asia/Tokyo" });
    expect(plan.bands.map(({ label }) => label)).toEqual(["2 Nov, 00:00", "2 Nov, 01:00"]);
    expect(plan.zone).toBe("hours in America/New_York");
    expect(planOf("trend", answer, {}, { readerZone: "America/New_York" }).zone).toBeNull();
    // As servers wrote it before they told the offset, and as an instant.
    for (const wire of ["2026-11-02T00:00:00", "2026-11-02T05:00:00Z"]) {
      const old = answerOf([hours, count], [[wire, 1]], {
        grain: "hour",
        window: { ...window, end: "2026-11-02T06:00:00Z" },
      });
      expect(planOf("trend", { ...old, rows: [[wire, 1]] }).bands[0]?.label).toBe("2 Nov, 00:00");
    }
  });

  it("has two hours where the clock is set back, and none where it is set forward", () => {
    const window = WINDOW("2026-11-01T04:00:00Z", "2026-11-01T08:00:00Z", "America/New_York");
    const twice = answerOf(
      [hours, count],
      [
        ["2026-11-01T00:00:00-04:00", 1],
        ["2026-11-01T02:00:00-05:00", 1],
      ],
      {
        grain: "hour",
        window,
        as_of: "2026-11-20T00:00:00Z",
      },
    );
    expect(planOf("trend", twice).bands.map(({ label }) => label)).toEqual([
      "1 Nov, 00:00",
      "1 Nov, 01:00 (−04:00)",
      "1 Nov, 01:00 (−05:00)",
      "1 Nov, 02:00",
    ]);
    const skipped = answerOf(
      [hours, count],
      [
        ["2026-03-08T01:00:00-05:00", 1],
        ["2026-03-08T03:00:00-04:00", 1],
      ],
      {
        grain: "hour",
      },
    );
    expect(planOf("trend", skipped).bands).toHaveLength(2);
  });

  it("goes from left to right, whatever the order of the rows", () => {
    const answer = answerOf(
      [time, count],
      [
        ["2026-11-04", 3],
        ["2026-11-02", 1],
        ["2026-11-03", 2],
      ],
      { grain: "day" },
    );
    expect(planOf("trend", answer).lines[0]?.to).toEqual([1, 2, 3]);
  });

  it("is labelled evenly, the newest too, with the year where it changes", () => {
    const months = ["2025-11-24", "2025-12-29", "2026-01-05"];
    const answer = answerOf(
      [time, count],
      months.map((each): Cell[] => [each, 1]),
      { grain: "week", as_of: "2026-01-07T00:00:00Z" },
    );
    const plan = planOf("trend", answer);
    expect(plan.ticks.map(({ text }) => text)).toEqual(["24 Nov 2025", "8 Dec", "22 Dec", "5 Jan 2026"]);
    const thirty = Array.from({ length: 30 }, (_, day): Cell[] => [
      `2026-11-${String(day + 1).padStart(2, "0")}`,
      day,
    ]);
    const bands = planOf("trend", answerOf([time, count], thirty, { grain: "day" })).bands;
    expect(ticksOf(bands, 2026).map(({ text }) => text)).toEqual([
      "5 Nov",
      "10 Nov",
      "15 Nov",
      "20 Nov",
      "25 Nov",
      "30 Nov",
    ]);
  });

  it("goes by the weeks and the periods of the workspace, those without rows among them", () => {
    const window = WINDOW("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
    const asked = { window, as_of: "2026-04-01T00:00:00Z" };
    const sundays = answerOf([time, count], [["2026-02-08", 1]], { ...asked, grain: "week" });
    const weeks = ["2026-02-01", "2026-02-15", "2026-02-22"];
    const days = planOf("trend", sundays).bands.map(({ label }) => label);
    expect(days).toEqual(["1 Feb", "8 Feb", "15 Feb", "22 Feb"]);
    const periods = [...weeks, "2026-03-01"].map((each, at) => ({ time: each, label: `FY26 P0${at + 1}` }));
    const own = answerOf([time, count], [["2026-02-15", 1]], { ...asked, grain: "fiscal_period", periods });
    const named = planOf("trend", own).bands.map(({ label }) => label);
    expect(named).toEqual(["FY26 P01", "FY26 P02", "FY26 P03"]);
  });

  it("bands weekends", () => {
    const days = Array.from({ length: 7 }, (_, day): Cell[] => [`2026-11-0${day + 2}`, 1]);
    const svg = svgOf(planOf("trend", answerOf([time, count], days, { grain: "day" })));
    const bands = [...svg.querySelectorAll("path")].filter((path) =>
      path.getAttribute("fill")?.startsWith("#17191d"),
    );
    expect(bands).toHaveLength(2);
  });

  it("beyond the years that a clock has is a value with its own words", () => {
    const plan = planOf(
      "trend",
      answerOf(
        [time, count],
        [
          ["infinity", 1],
          ["2026-11-02", 2],
        ],
        { grain: "day" },
      ),
    );
    expect(plan.bands.map(({ label }) => label)).toEqual(["2 Nov", "infinity"]);
  });
});

describe("comparison", () => {
  const answer = answerOf(
    [time, count, before],
    [
      ["2026-11-02", 5, 4],
      ["2026-11-03", 6, null],
    ],
    {
      grain: "day",
      compare: "previous_period",
      window: {
        name: "trailing_30d",
        start: "2026-11-02T00:00:00Z",
        end: "2026-11-04T00:00:00Z",
        timezone: "UTC",
      },
      as_of: "2026-11-20T00:00:00Z",
    },
  );

  it("has a name, is grey and dashed", () => {
    const svg = svgOf(planOf("trend", answer));
    expect(textsIn(svg)).toContain("prev 30 days");
    expect(linesIn(svg, lightColour("--compare")).some(({ dashed }) => dashed)).toBe(true);
  });

  it("is not mixed into what is read aloud", () => {
    expect(planOf("trend", answer).sentence).toBe("Claims, 2 Nov to 3 Nov: lowest 5, highest 6, last 6.");
  });
});

describe("values of one chart", () => {
  it("have as many decimals each, on an axis of their own too", () => {
    const value = { ...rate, unit: null };
    const bars = planOf(
      "bar",
      answerOf(
        [part("k"), value],
        [
          ["a", 73],
          ["b", "63.37"],
        ],
      ),
    );
    expect(bars.bars.map((bar) => markText(bars, bar.series, bar.value))).toEqual(["73.00", "63.37"]);
    const rows: Cell[][] = [
      ["2026-11-02", 4],
      ["2026-11-03", 4.25],
    ];
    const { sentence } = planOf("trend", answerOf([time, value], rows, { grain: "day" }));
    expect(sentence).toContain("lowest 4.00, highest 4.25, last 4.25");
  });
});

describe("names that begin alike", () => {
  const long = "Device screen damage that came through a case, reported by telephone";

  it.each([
    [[long, `${long} again`]],
    [[`${long} in May`, `${long} in June`, "Battery"]],
    [["設備の画面が割れて電話で報告された件その一", "設備の画面が割れて電話で報告された件その二"]],
    [["a".repeat(40), `${"a".repeat(39)}b`]],
    [["Ünïted Stätes of somewhere 1", "Ünïted Stätes of somewhere 12", "Ünïted Stätes of somewhere 2"]],
  ])("%j are cut so that each is told from the others", (names) => {
    const cutOf = cutNames(names);
    const short = names.map((name) => clipped(cutOf(name), 22));
    expect(new Set(short).size).toBe(names.length);
    expect(short.every((name) => name.length <= 22)).toBe(true);
    for (const name of names) expect(cutOf(name).head + cutOf(name).tail).toBe(name);
  });

  it("are cut at their ends where that tells them apart", () => {
    expect(cutNames([long, "Battery"])(long)).toEqual({ head: long, tail: "" });
    expect(clipped({ head: long, tail: "" }, 22)).toBe("Device screen damage …");
  });

  it("stand so at line ends", () => {
    const names = [long, `${long} again`];
    const rows = names.flatMap((name): Cell[][] => [
      ["2026-11-02", name, 4],
      ["2026-11-03", name, 5],
    ]);
    const texts = textsIn(svgOf(planOf("trend", answerOf([time, part("k"), count], rows, { grain: "day" }))));
    expect(texts.filter((text) => text.startsWith("Device"))).toEqual([
      "Device scree…telephone",
      "Device screen da…again",
    ]);
  });
});

describe("labels", () => {
  it("of the axis have the decimals of its steps and their unit once", () => {
    const rows: Cell[][] = [
      ["2026-11-02", 4.5],
      ["2026-11-03", 4.7],
    ];
    const texts = textsIn(svgOf(planOf("trend", answerOf([time, rate], rows, { grain: "day" }))));
    expect(texts.filter((text) => /^4\.\d/.test(text))).toEqual(["4.50", "4.55", "4.60", "4.65", "4.70 / 5"]);
  });

  it("stand at line ends, pushed apart", () => {
    const names = ["web", "app", "phone", "store", "chat"];
    const rows = names.flatMap((name, at): Cell[][] => [
      ["2026-11-02", name, 100 + at],
      ["2026-11-03", name, 100 + at],
    ]);
    const svg = svgOf(planOf("trend", answerOf([time, part("k"), count], rows, { grain: "day" })));
    const ys = [...svg.querySelectorAll("text")]
      .filter((text) => names.includes(text.textContent ?? ""))
      .map((text) =>
        Number(/[ ,]([\d.]+)\)$/.exec(text.getAttribute("transform") ?? "")?.[1] ?? text.getAttribute("y")),
      )
      .sort((a, b) => a - b);
    expect(ys).toHaveLength(names.length);
    ys.forEach((y, index) => {
      if (index > 0) expect(y - (ys[index - 1] ?? 0)).toBeGreaterThanOrEqual(12.9);
    });
  });

  it("keep between the ends and in their order", () => {
    expect(apart([10, 12, 290, 295], 13, 0, 300)).toEqual([10, 23, 287, 300]);
    expect(apart([5], 13, 0, 300)).toEqual([5]);
  });
});

describe("the sentence read aloud", () => {
  it("tells each series by itself, and never of infinity where there is no number", () => {
    const rows: Cell[][] = [
      ["2026-11-02", "p", null],
      ["2026-11-02", "q", 1],
      ["2026-11-03", "q", 4],
    ];
    const { sentence } = planOf("trend", answerOf([time, part("k"), rate], rows, { grain: "day" }));
    expect(sentence).toBe("Claims, 2 Nov to 3 Nov: p no values; q lowest 1 / 5, highest 4 / 5, last 4 / 5.");
  });
});

describe("ten thousand hours", () => {
  it("are all there", () => {
    const start = Date.parse("2025-01-01T00:00:00Z");
    const rows = Array.from({ length: 10_000 }, (_, hour): Cell[] => [
      new Date(start + hour * 3_600_000).toISOString().replace(".000", ""),
      hour % 24,
    ]);
    const plan = planOf("trend", answerOf([hours, count], rows, { grain: "hour" }));
    expect(plan.bands).toHaveLength(10_000);
    expect(plan.bands.at(-1)?.label).toBe("21 Feb 2026, 15:00");
    expect(linesIn(svgOf(plan), ACCENT).some(({ points }) => points.length > 500)).toBe(true);
  });
});
