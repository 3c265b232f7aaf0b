import { QueryClientProvider } from "@tanstack/react-query";
import { render as renderAlone, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactElement } from "react";
import { describe, expect, it, vi } from "vitest";
import { createQueryClient } from "@/api/queryClient";
import type { Answer, Widget } from "@/api/types";
import { answerCsv } from "@/charts/csv";
import type { Drill } from "@/charts/draw/drill";
import { optionOf } from "@/charts/draw/option";
import { crc32, withPngText } from "@/charts/draw/pngText";
import { drawnOf } from "@/charts/drawn";
import type { CommonWidget } from "@/charts/kinds";
import type { Plan } from "@/charts/plan";
import { figure, shortText } from "@/format/numbers";
import { toneOf } from "@/ui/tones";
import { WidgetBody } from "@/widgets/WidgetBody";
import { anAnswer, aProvenance } from "./examples";

const client = createQueryClient(() => {});
const render = (content: ReactElement) =>
  renderAlone(content, {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });

const column = (name: string, role: Answer["columns"][number]["role"], unit: string | null = null) =>
  ({
    name,
    role,
    unit,
    type: role === "value" ? "decimal" : "string",
    metric_id: null,
  }) as Answer["columns"][number];

const answer = (dimensions: string[], rows: Answer["rows"]): Answer => ({
  ...anAnswer("0"),
  columns: [...dimensions.map((name) => column(name, "dimension")), column("value", "value", "count")],
  rows,
});

const bar = (over: Partial<Widget> = {}): Widget => ({
  kind: "bar",
  question: { metrics: ["cost_avoided_mtd"], dimensions: ["region"] },
  ...over,
});

const body = (widget: Widget, shown: Answer, drill?: Drill) => (
  <WidgetBody
    widget={widget}
    answer={shown}
    spark={undefined}
    metrics={[]}
    label="Bars"
    {...(drill ? { drill } : {})}
  />
);

describe("a widget's format", () => {
  it("says the decimals", () => {
    expect(shortText("1410000.256", "usd", { decimals: 2 })).toBe("$1,410,000.26");
    expect(shortText("0.8734", "percent", { decimals: 2 })).toBe("87.34%");
    expect(shortText("12", "count", { decimals: 1 })).toBe("12.0");
  });

  it("sets figures short where it says so", () => {
    expect(shortText("1234567", "count", { compact: true })).toBe("1.2M");
    expect(shortText("-1500", "usd", { compact: true, decimals: 2 })).toBe("−$1.50K");
  });

  it("leaves the unit's own way alone where it says nothing", () => {
    expect(figure("1410000.00", "usd", null)).toEqual(figure("1410000.00", "usd"));
  });
});

describe("thresholds", () => {
  const thresholds = [
    { at: "0", tone: "bad" as const },
    { at: "80.5", tone: "watch" as const },
    { at: "90", tone: "good" as const },
  ];

  it("begin at their value and last until the next", () => {
    expect([-1, 0, 80.4, "80.5", 89.99, 90].map((value) => toneOf(value, thresholds))).toEqual([
      null,
      "bad",
      "bad",
      "watch",
      "watch",
      "good",
    ]);
  });

  it("are said in words beside their colour", () => {
    render(body(bar({ thresholds }), answer(["region"], [["West", 95]])));
    expect(screen.getByText("(good)")).toBeInTheDocument();
  });
});

describe("bars", () => {
  it("lead to a filter and to the rows behind", async () => {
    const pick = vi.fn();
    const rows = vi.fn();
    render(body(bar(), answer(["region"], [["West", 95]]), { pick, rows }));
    await userEvent.click(screen.getByTitle("Filter by West"));
    expect(pick).toHaveBeenCalledWith("region", "West");
    await userEvent.click(screen.getByTitle("Rows behind West"));
    expect(rows).toHaveBeenCalledWith([{ dimension: "region", op: "eq", values: ["West"] }]);
  });

  it("of two dimensions are grouped by the one and told apart by the other", () => {
    const two = answer(
      ["region", "channel"],
      [
        ["West", "web", 5],
        ["West", "app", 3],
        ["South", "web", 2],
      ],
    );
    const question = { metrics: ["cost_avoided_mtd"], dimensions: ["region", "channel"] };
    const { rerender } = render(body(bar({ question }), two));
    const legend = () =>
      within(screen.getByRole("list", { name: "Colours" }))
        .getAllByRole("listitem")
        .map((item) => item.textContent);
    expect(legend()).toEqual(["web", "app"]);
    rerender(body(bar({ question, series: "region", stacked: true }), two));
    expect(legend()).toEqual(["West", "South"]);
  });
});

describe("a line", () => {
  const weekly: Answer = {
    ...anAnswer("0"),
    columns: [column("time", "time"), column("value", "value", "count")],
    rows: [
      ["2026-01-05", 5],
      ["2026-01-12", 9],
      ["2026-01-19", 7],
    ],
  };
  const drawn = (over: Partial<Widget>) => {
    const widget: CommonWidget = { question: { metrics: ["m"], grain: "week" }, ...over, kind: "trend" };
    const answer = { ...weekly, question: { ...weekly.question, grain: "week" as const } };
    const { plan } = drawnOf(widget, answer, [], "Line") as { plan: Plan };
    return optionOf(plan, { colour: (token) => token, isAnimated: false, withNames: false }) as {
      visualMap?: { pieces: unknown[] };
    };
  };

  it("is coloured by its thresholds", () => {
    expect(drawn({ thresholds: [{ at: "6", tone: "bad" }] }).visualMap?.pieces).toHaveLength(2);
    expect(drawn({}).visualMap).toBeUndefined();
  });
});

describe("exports", () => {
  const file = (type: Answer["columns"][number]["type"], rows: Answer["rows"]) => {
    const shown = answer(["name"], rows);
    const columns = shown.columns.map((each) => (each.role === "value" ? { ...each, type } : each));
    const text = answerCsv({ ...shown, columns, provenance: aProvenance({ receipt_id: "r1" }) });
    expect(text.charCodeAt(0)).toBe(0xfeff);
    return text.slice(1).split("\r\n");
  };

  it("have every digit and the receipt in each row", () => {
    const rows: Answer["rows"] = [
      ["West, far", "1410000.00"],
      ["Zoë", "9007199254740993"],
      [9007199254740992, -5],
    ];
    expect(file("decimal", rows)).toEqual([
      "name,value,receipt_id",
      '"West, far",1410000.00,r1',
      "Zoë,9007199254740993,r1",
      "9007199254740992,-5,r1",
      "",
    ]);
  });

  it("write doubles as numbers, however they travelled", () => {
    const rows: Answer["rows"] = [
      ["a", -1e-7],
      ["b", 1e21],
      ["c", "NaN"],
      ["d", "-Infinity"],
      ["e", -0],
    ];
    expect(file("double", rows).slice(1, -1)).toEqual([
      "a,-0.0000001,r1",
      "b,1000000000000000000000,r1",
      "c,NaN,r1",
      "d,-Infinity,r1",
      "e,0,r1",
    ]);
  });

  it("mark as text what a spreadsheet would take for a formula", () => {
    const formulas = [
      "=1+1",
      "+cmd",
      "-cmd",
      "@sum",
      "\t=1",
      "\n=1",
      "\r=1",
      " =1",
      "＝1+1",
      "＋1",
      "－x",
      "＠x",
      "-5",
    ];
    expect(
      file(
        "decimal",
        formulas.map((each) => [each, 1]),
      )
        .slice(1, -1)
        .join("|"),
    ).toBe(
      [
        "'=1+1",
        "'+cmd",
        "'-cmd",
        "'@sum",
        '"\'\t=1"',
        '"\'\n=1"',
        '"\'\r=1"',
        "' =1",
        "'＝1+1",
        "'＋1",
        "'－x",
        "'＠x",
        "-5",
      ]
        .map((each) => `${each},1,r1`)
        .join("|"),
    );
  });

  it("tell no value from an empty text and from the text (none)", () => {
    expect(
      file("decimal", [
        [null, null],
        ["", 1],
        ["(none)", 1],
      ]).slice(1, -1),
    ).toEqual([",,r1", '"",1,r1', "(none),1,r1"]);
  });

  it("write words into a picture where its readers look for them", () => {
    const png = new Uint8Array(60).fill(7);
    const written = withPngText(png, "Receipt", "r1");
    expect(written.length).toBe(60 + 12 + "Receipt\0r1".length);
    expect(new TextDecoder().decode(written.slice(37, 51))).toBe("tEXtReceipt\0r1");
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
