/** What a chart leaves out comes from the engine, or is said to be left out: docs/charts.md, "Colour" and "Tables". */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import type { Answer, Cell, Column, Question, Widget } from "@/api/types";
import { Bars } from "@/charts/draw/Bars";
import { OverTime } from "@/charts/draw/OverTime";
import { frameOf } from "@/charts/frame";
import { ordered } from "@/charts/order";
import { shareOfWhole } from "@/charts/plan";
import { belongs, restQuestion } from "@/charts/rest";
import { rowsOf } from "@/charts/rows";
import { WidgetBody } from "@/widgets/WidgetBody";
import { show } from "../page";
import { at, server } from "../server";
import {
  answerOf,
  count,
  cut,
  filledWith,
  lightColour,
  metric,
  part,
  planOf,
  rate,
  svgOf,
  time,
} from "./drawing";

const STARS = metric({ label: "Stars", unit: "/ 5", adds_up: false });
const names = Array.from({ length: 12 }, (_, at) => `p${at}`);
const falling: Cell[][] = names.map((name, at) => [name, 12 - at]);

const byName = (value: Column, rows = falling, over: Partial<Answer["question"]> = {}) =>
  answerOf([part("k"), value], rows, over);

/** As the engine tells the rest: one row, without the key. */
const told = (value: Column, cell: Cell) => answerOf([value], [[cell]]);

describe("a long list of bars", () => {
  it("is its first seven, and the others as one grey bar that is broken where the axis ends", () => {
    const plan = planOf("bar", byName(count));
    expect(plan.bands.map(({ label }) => label)).toEqual([...names.slice(0, 7), "others (5)"]);
    expect(plan.bars.at(-1)).toMatchObject({ value: "15", isRest: true });
    // Twelve, not fifteen: the others do not make the largest look small.
    expect(plan.scale.high).toBe(12);
    expect(plan.rest).toBeNull();
    render(<Bars plan={plan} />);
    const others = within(screen.getByRole("list")).getAllByRole("listitem").at(-1);
    expect(others?.querySelector(".broken-bar")).toHaveStyle({ width: "100%" });
    expect(others).toHaveTextContent("15");
  });

  it("opens, and closes again", async () => {
    const body: Widget = { kind: "bar", question: { metrics: ["m"], dimensions: ["k"] } };
    show(
      <WidgetBody
        widget={body}
        answer={byName(count)}
        spark={undefined}
        metrics={[metric()]}
        label="Claims"
      />,
    );
    const items = () => within(screen.getByRole("list", { name: "Claims" })).getAllByRole("listitem");
    expect(items()).toHaveLength(8);
    await userEvent.click(screen.getByTitle("Show each of the others (5)"));
    expect(items()).toHaveLength(12);
    await userEvent.click(screen.getByRole("button", { name: "Show the largest alone" }));
    expect(items()).toHaveLength(8);
  });

  it.each([
    ["a limit that somebody chose", { limit: 12 }],
    ["an order by name", { order: [{ by: "k", descending: false }] }],
  ])("is whole under %s", (_, over) => {
    expect(planOf("bar", byName(count, falling, over)).bands).toHaveLength(12);
  });

  it("that does not add up wants the others from the engine, and says so until they come", () => {
    const answer = byName(rate);
    const plan = planOf("bar", answer, {}, { metrics: [STARS] });
    expect(plan.note).toBe("top 7 of 12; the rest does not add up");
    expect(plan.rest).toEqual({ dimension: "k", kept: names.slice(0, 7), by: [], isOverTime: false });
    const whole = planOf("bar", answer, {}, { rest: told(rate, 3.25), metrics: [STARS] });
    expect([whole.bands.at(-1)?.label, whole.bars.at(-1)?.value, whole.note]).toEqual([
      "others (5)",
      3.25,
      null,
    ]);
  });

  it("that was cut at the bound of rows is never summed by the page", () => {
    const plan = planOf("bar", cut(byName(count)));
    expect([plan.bars.length, plan.note]).toEqual([7, "top 7 of 12 or more"]);
    expect(plan.rest).not.toBeNull();
    const whole = planOf("bar", cut(byName(count)), {}, { rest: told(count, 4000) });
    expect([whole.bands.at(-1)?.label, whole.bars.at(-1)?.to]).toEqual(["others (5 or more)", 4000]);
  });
});

describe("more lines than colours", () => {
  const rows = names.flatMap((name, at): Cell[][] => [
    ["2026-11-02", name, 5 - at / 10],
    ["2026-11-03", name, 4 - at / 10],
  ]);
  const lines = (value: Column) => answerOf([time, part("k"), value], rows, { grain: "day" });

  it("have the others from the engine, bucket by bucket, where they do not add up", () => {
    const plan = planOf("trend", lines(rate), {}, { metrics: [STARS] });
    expect(plan.rest).toEqual({ dimension: "k", kept: names.slice(0, 7), by: [], isOverTime: true });
    const rest = answerOf([time, rate], [["2026-11-03", 3.9]], { grain: "day" });
    const whole = planOf("trend", lines(rate), {}, { rest, metrics: [STARS] });
    expect(whole.series.at(-1)).toMatchObject({ name: "others (5)", hue: "others" });
    // A day that the engine tells nothing of stays a gap.
    expect(whole.lines.at(-1)?.to).toEqual([null, 3.9]);
  });

  it("have the rest of a day that the answer itself has no row of, and no 0 where the rest was cut too", () => {
    const some = rows.map(([day, name, value]): Cell[] => [
      day === "2026-11-03" ? "2026-11-04" : (day ?? null),
      name ?? null,
      (Number(value) - 3.2) * 5,
    ]);
    const answer = cut(answerOf([time, part("k"), count], some, { grain: "day" }));
    const rest = answerOf(
      [time, count],
      [
        ["2026-11-02", 9],
        ["2026-11-03", 7],
      ],
      { grain: "day" },
    );
    const held = (one: Answer) => planOf("trend", answer, {}, { rest: one }).lines.at(-1)?.to;
    expect(held(rest)).toEqual([9, 7, 0]);
    expect(held(cut(rest))).toEqual([9, 7, null]);
  });

  it("stacked take no rest where rows of what is kept were left out", () => {
    // The largest has no row of the first day.
    const some: Cell[][] = [["2026-11-03", "p0", 40], ...rows.slice(2)];
    const without = cut(answerOf([time, part("k"), count], some, { grain: "day" }));
    const rest = answerOf(
      [time, count],
      [
        ["2026-11-02", 9],
        ["2026-11-03", 7],
      ],
      { grain: "day" },
    );
    const plan = planOf("trend", without, { stacked: true }, { rest });
    expect([plan.lines.length, plan.note]).toEqual([7, "top 7 of 12 or more"]);
  });

  it("opened are all there, those beyond the colours grey", () => {
    const plan = planOf("trend", lines(count), {}, { isOpen: true });
    expect(plan.lines).toHaveLength(12);
    expect(plan.series.filter(({ hue }) => hue === "others")).toHaveLength(5);
    const grey = svgOf(plan).querySelectorAll(`path[stroke="${lightColour("--others")}"]`);
    expect(grey.length).toBeGreaterThanOrEqual(5);
  });
});

describe("very many lines", () => {
  const values = Array.from({ length: 240 }, (_, at) => 1000 - at);
  const days = ["2026-11-02", "2026-11-03"];
  const all = days.flatMap((day) => values.map((value, at): Cell[] => [day, `p${at}`, value]));
  const many = answerOf([time, part("k"), count], all, { grain: "day" });

  it("are the seven largest, and what the others come to together is said, not drawn", () => {
    const { lines, series, scale, note, folded } = planOf("trend", many);
    expect([lines.length, series.length, scale.high, folded]).toEqual([7, 7, 1000, 233]);
    expect(note).toBe("others (233), 204,341, lie beyond this axis");
    // Bars over time stand beside one another too; on top of one another they are a whole.
    expect(planOf("bar", many).note).toBe(note);
    expect(planOf("bar", many, { stacked: true }).series).toHaveLength(8);
  });

  it("have the others among them where these need no more than twice the height", () => {
    const some = days.flatMap((day) =>
      Array.from({ length: 9 }, (_, at): Cell[] => [day, `p${at}`, 1000 - at * 100]),
    );
    const few = planOf("trend", answerOf([time, part("k"), count], some, { grain: "day" }));
    expect([few.series.at(-1)?.name, few.note]).toEqual(["others (2)", null]);
  });

  it("opened are the largest, none of them the sum of the rest, and how many there are is said", () => {
    const plan = planOf("trend", many, {}, { isOpen: true });
    expect([plan.lines.length, plan.series.length, plan.note]).toEqual([39, 39, "the largest 39 of 240"]);
    expect(Math.max(...plan.lines.flatMap(({ to }) => to.map(Number)))).toBe(1000);
    expect(Math.min(...plan.lines.flatMap(({ to }) => to.map(Number)))).toBe(1000 - 38);
    expect(plan.lines.every(({ series }) => plan.series[series] !== undefined)).toBe(true);
  });

  it("grey ones have one name together, as they have one colour", () => {
    render(<OverTime plan={planOf("trend", many, {}, { isOpen: true })} />);
    expect(screen.getByText("32 others")).toBeVisible();
    expect(screen.queryByText("p12")).not.toBeInTheDocument();
  });

  it("stacked stay a whole", () => {
    const plan = planOf("trend", many, { stacked: true }, { isOpen: true });
    expect(plan.series).toHaveLength(240);
  });
});

describe("parts without a share", () => {
  const shares = (values: Cell[]) => {
    const plan = planOf(
      "breakdown",
      answerOf(
        [part("k"), count],
        values.map((value, at) => [`p${at}`, value]),
      ),
    );
    return plan.bars.map((bar) => shareOfWhole(bar, plan));
  };

  it("are those that have no value, and all where the whole is nothing", () => {
    expect(shares([null, 300, 100])).toEqual(["", "75%", "25%"]);
    expect(shares([0, 0])).toEqual(["", ""]);
  });
});

describe("parts of a whole that was cut", () => {
  it("are shares of everything once the engine told the rest", () => {
    const plan = planOf("breakdown", cut(byName(count)), {}, { rest: told(count, 22) });
    // 12 + 11 + ... + 6 are 63, and 22 more are 85.
    expect([plan.whole, plan.note]).toEqual([85, null]);
    expect(plan.series.at(-1)?.name).toBe("others (5 or more)");
    expect(filledWith(svgOf({ ...plan, shape: "by_name" }), lightColour("--others"))).toHaveLength(1);
    const kept = names.slice(0, 7);
    expect(plan.bars.at(-1)?.filters).toEqual([{ dimension: "k", op: "not_in", values: kept }]);
  });

  it.each([
    ["nothing was told of the rest", {}],
    ["the rest is below 0, and no part of a whole", { rest: told(count, -4) }],
  ])("are shares of those shown, and say so, where %s", (_, around) => {
    const plan = planOf("breakdown", cut(byName(count)), {}, around);
    // 12 + 11 + ... + 1 are 78, of which the last five are 15.
    expect([plan.whole, plan.note]).toEqual([78, "shares of those shown"]);
    expect([plan.series.at(-1)?.name, plan.bars.at(-1)?.value]).toEqual(["others (5)", "15"]);
  });
});

describe("the question of the rest", () => {
  const answer = byName(count, falling, {
    filters: [{ dimension: "c", op: "eq", values: ["web"] }],
    window: {
      name: "trailing_30d",
      start: "2026-11-01T00:00:00Z",
      end: "2026-11-29T00:00:00Z",
      timezone: "UTC",
    },
    grain: "day",
    limit: 5,
  });

  it("is of the same rows in the same window, without those that are shown", () => {
    const wanted = { dimension: "k", kept: ["a", "b"], by: ["d"], isOverTime: true };
    expect(restQuestion(answer, wanted)).toEqual({
      metrics: ["m"],
      dimensions: ["d"],
      filters: [
        { dimension: "c", op: "eq", values: ["web"] },
        { dimension: "k", op: "not_in", values: ["a", "b"] },
      ],
      window: "trailing_30d",
      grain: "day",
    });
  });

  it("keeps the segments by name, and takes no rest of other rows for its own", () => {
    const segments = [{ name: "storm", filter: ["peril = 'wind'"] }];
    const ofStorm = byName(count, falling, { segments });
    const wanted = { dimension: "k", kept: ["a"], by: [], isOverTime: false };
    expect(restQuestion(ofStorm, wanted).segments).toEqual(["storm"]);
    const ofAll = told(count, 9);
    expect(belongs(ofAll, ofStorm)).toBe(false);
    expect(belongs({ ...ofAll, question: { ...ofAll.question, segments } }, ofStorm)).toBe(true);
  });

  it("leaves out who has no value only where no value is shown", () => {
    const filters = (kept: Cell[]) =>
      restQuestion(answer, { dimension: "k", kept, by: [], isOverTime: false }).filters?.slice(1);
    expect(filters(["a", null])).toEqual([
      { dimension: "k", op: "not_in", values: ["a"] },
      { dimension: "k", op: "is_not_null" },
    ]);
    expect(filters([null])).toEqual([{ dimension: "k", op: "is_not_null" }]);
  });
});

describe("the last line of a table", () => {
  it("is the engine's where a column does not add up or rows were left out", () => {
    const answer = byName(rate);
    const frame = frameOf(answer, [STARS]);
    expect(rowsOf(frame, { exact: false }).rest).not.toBeNull();
    expect(rowsOf(frame, { exact: false, all: told(rate, 4.6) }).totals).toEqual({
      label: "All",
      texts: [null, "4.6 / 5"],
    });
    const long = frameOf(cut(byName(count)), [metric()]);
    expect(rowsOf(long, { exact: false, all: told(count, 900) }).totals).toEqual({
      label: "All, with rows not shown",
      texts: [null, "900"],
    });
  });

  it("is the page's own sum, and nobody is asked, where that is exact", () => {
    expect(rowsOf(frameOf(byName(count), [metric()]), { exact: false }).rest).toBeNull();
    const chosen = frameOf(byName(count, falling, { limit: 12 }), [metric()]);
    expect(rowsOf(chosen, { exact: false })).toMatchObject({
      rest: null,
      totals: { label: "Total of the 12 shown" },
    });
  });

  it("is asked for beside the table and drawn when it comes", async () => {
    const asked = vi.fn<(question: Question) => void>();
    server.use(
      http.post(at("/v1/data"), async ({ request }) => {
        const { questions } = (await request.json()) as { questions: (Question & { key: string })[] };
        const answers = questions.map(({ key, ...question }) => {
          asked(question);
          return { key, answer: told(rate, 4.6), problem: null };
        });
        return HttpResponse.json({ answers });
      }),
    );
    const widget: Widget = { kind: "table", question: { metrics: ["m"], dimensions: ["k"] } };
    show(
      <WidgetBody widget={widget} answer={byName(rate)} spark={undefined} metrics={[STARS]} label="Stars" />,
    );
    expect(await screen.findByRole("cell", { name: "All" })).toBeInTheDocument();
    expect(screen.getByRole("cell", { name: "4.6 / 5" })).toBeInTheDocument();
    expect(asked).toHaveBeenCalledWith(expect.objectContaining({ dimensions: [], grain: null }));
  });
});

describe("all others that the question asks for", () => {
  const together: Column = { ...part("others", "integer"), role: "others" };
  const asked = { dimensions: ["k"], limit: 2, others: true };
  const rows: Cell[][] = [
    ["a", null, 9],
    [null, null, 5],
    [null, 11, 40],
  ];
  const one = (value: Column) => answerOf([part("k"), together, value], rows, asked);

  it("are the last bar by name, are no group without a value, and open every row but theirs", () => {
    const plan = planOf("bar", one(count));
    expect(plan.bands.map(({ label }) => label)).toEqual(["a", "(none)", "others (11)"]);
    expect(plan.bars.at(-1)).toMatchObject({ value: 40, isRest: true });
    expect(plan.bars.at(-1)?.filters).toEqual([
      { dimension: "k", op: "not_in", values: ["a"] },
      { dimension: "k", op: "is_not_null" },
    ]);
    // Nine: the others press nothing flat. Nothing more is asked of the engine.
    expect([plan.scale.high, plan.rest, plan.note]).toEqual([9, null, null]);
    render(<Bars plan={plan} open={{ isOpen: false, setOpen: vi.fn() }} />);
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("are a part of the whole, also where the page could not add them", () => {
    const plan = planOf("breakdown", one(count));
    expect([plan.whole, plan.series.at(-1)?.name, plan.series.at(-1)?.hue]).toEqual([
      54,
      "others (11)",
      "others",
    ]);
    expect(shareOfWhole(plan.bars.at(-1) as never, plan)).toBe("74%");
    const flat = planOf("breakdown", one(rate), {}, { metrics: [STARS] });
    expect([flat.shape, flat.bars.map(({ to }) => to)]).toEqual(["by_name", [9, 5, 40]]);
  });

  it("are the last row of a table, in its total, and the last however it is ordered", () => {
    const table = rowsOf(frameOf(one(count), [metric()]), { exact: false });
    expect(table.columns.map(({ name }) => name)).toEqual(["k", "value"]);
    expect(table.rows.map(({ cells }) => cells[0]?.text)).toEqual(["a", "(none)", "others (11)"]);
    expect([table.totals?.texts[1], table.rest]).toEqual(["54", null]);
    expect(table.rows.at(-1)?.cells[1]?.share).toBeNull();
    for (const isDescending of [true, false])
      expect(ordered(table.rows, { column: 1, isDescending }).at(-1)?.isOfRest).toBe(true);
    const exact = rowsOf(frameOf(one(count), [metric()]), { exact: true });
    expect(exact.rows.map(({ cells }) => cells[1]?.text)).toEqual(["", "", "11"]);
    expect(exact.columns[1]?.label).toBe("Others");
  });

  it("of two dimensions open no rows, as no condition tells them", () => {
    const two = answerOf(
      [part("k"), part("l"), together, count],
      [
        ["a", "x", null, 9],
        ["a", "y", null, 8],
        [null, null, 11, 40],
      ],
      { ...asked, dimensions: ["k", "l"] },
    );
    const plan = planOf("bar", two);
    expect(plan.bars.map(({ band, series, to }) => [band, series, to])).toEqual([
      [0, 0, 9],
      [0, 1, 8],
      [1, 2, 40],
    ]);
    expect(plan.series.at(-1)?.hue).toBe("others");
    const last = rowsOf(frameOf(two, [metric()]), { exact: false }).rows.at(-1);
    expect(last?.cells.map(({ text, rowsOf: of, pick }) => [text, of, pick])).toEqual([
      ["others (11)", null, null],
      ["", null, null],
      ["40", null, null],
    ]);
  });

  const day = (of: string, key: Cell, rest: Cell, value: Cell): Cell[] => [of, key, rest, value];
  const series = [
    day("2026-11-02", "a", null, 9),
    day("2026-11-02", null, 11, 7),
    day("2026-11-03", "b", null, 5),
    day("2026-11-03", null, 11, 6),
    day("2026-11-04", "a", null, 4),
  ];
  const overTime = (value: Column) =>
    answerOf([time, part("k"), together, value], series, { ...asked, grain: "day" });

  it("are one line over time, 0 on a day without them where the metric counts", () => {
    const plan = planOf("trend", overTime(count), { stacked: true });
    expect(plan.series.map(({ name, hue }) => [name, hue === "others"])).toEqual([
      ["a", false],
      ["b", false],
      ["others (11)", true],
    ]);
    expect(plan.lines.map(({ values }) => values)).toEqual([
      [9, 0, 4],
      [0, 5, 0],
      [7, 6, 0],
    ]);
    // Stacked on what is kept.
    expect(plan.lines.at(-1)?.base).toEqual([9, 5, 4]);
    const unknown = planOf("trend", overTime(rate), {}, { metrics: [STARS] });
    expect(unknown.lines.at(-1)?.values).toEqual([7, 6, null]);
    const bars = planOf("bar", overTime(count));
    expect(bars.bars.filter((bar) => bar.series === 2).map(({ to }) => to)).toEqual([7, 6, 0]);
  });

  it("hold what is folded as well, of more series than colours", () => {
    const many = answerOf(
      [part("k"), together, count],
      [...falling.map(([name, value]): Cell[] => [name ?? null, null, value ?? null]), [null, 30, 100]],
      { ...asked, limit: 12 },
    );
    const plan = planOf("breakdown", many);
    expect(plan.series.at(-1)?.name).toBe("others (35)");
    // Five of twelve are folded: 5 + 4 + 3 + 2 + 1, and the hundred of everybody else.
    expect([plan.bars.at(-1)?.value, plan.whole]).toEqual(["115", 178]);
    expect(plan.bars.at(-1)?.filters).toEqual([{ dimension: "k", op: "not_in", values: names.slice(0, 7) }]);
    const open = planOf("breakdown", many, {}, { isOpen: true });
    expect([open.bars.length, open.series.at(-1)?.name]).toEqual([13, "others (30)"]);
  });

  it("keep their name beside groups in grey, and are not counted as one of these", () => {
    const all = falling.map(([name, value]) => day("2026-11-02", name ?? null, null, value ?? null));
    const many = answerOf([time, part("k"), together, count], [...all, day("2026-11-02", null, 30, 8)], {
      ...asked,
      limit: 12,
      grain: "day",
    });
    render(<OverTime plan={planOf("trend", many, {}, { isOpen: true })} />);
    const legend = within(screen.getByRole("list", { name: "Colours" })).getAllByRole("listitem");
    expect(legend.map(({ textContent }) => textContent)).toEqual([
      ...names.slice(0, 7),
      "others (30)",
      "5 others",
    ]);
  });

  it("of two metrics are a line each, under a name of its own", () => {
    const cost: Column = { ...count, name: "cost", metric_id: "cost" };
    const two = answerOf(
      [time, part("k"), together, { ...count, metric_id: "m" }, cost],
      [
        ["2026-11-02", "others", null, 9, 3],
        ["2026-11-02", null, 11, 7, 2],
      ],
      { ...asked, metrics: ["m", "cost"], grain: "day" },
    );
    const plan = planOf("trend", two);
    expect(new Set(plan.series.map(({ key }) => key)).size).toBe(4);
    render(<OverTime plan={plan} />);
    expect(screen.queryByText("2 others")).toBeNull();
    expect(screen.getAllByText(/^others \(11\)/)).toHaveLength(2);
  });
});
