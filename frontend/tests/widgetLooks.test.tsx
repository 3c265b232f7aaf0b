import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Answer, Widget } from "@/api/types";
import { figure, shortText } from "@/ui/numbers";
import { toneOf } from "@/ui/tones";
import { BarList } from "@/widgets/BarList";
import { answerCsv } from "@/widgets/exportCsv";
import { crc32, withPngText } from "@/widgets/pngText";
import { trendLook, trendOption } from "@/widgets/trendOption";
import { trendLines } from "@/widgets/trendSeries";
import { anAnswer, aProvenance } from "./examples";

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
    render(<BarList answer={answer(["region"], [["West", 95]])} label="Bars" widget={bar({ thresholds })} />);
    expect(screen.getByText("(good)")).toBeInTheDocument();
  });
});

describe("bars", () => {
  it("lead to a filter and to the rows behind", async () => {
    const pick = vi.fn();
    const rows = vi.fn();
    render(
      <BarList
        answer={answer(["region"], [["West", 95]])}
        label="Bars"
        widget={bar()}
        drill={{ pick, rows }}
      />,
    );
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
    const { rerender } = render(<BarList answer={two} label="Bars" widget={bar({ question })} />);
    const legend = () =>
      within(screen.getByRole("list", { name: "Colours" }))
        .getAllByRole("listitem")
        .map((item) => item.textContent);
    expect(legend()).toEqual(["web", "app"]);
    rerender(
      <BarList answer={two} label="Bars" widget={bar({ question, series: "region", stacked: true })} />,
    );
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
    const widget: Widget = { kind: "trend", question: { metrics: ["m"], grain: "week" }, ...over };
    return trendOption(
      trendLines(weekly, (id) => id),
      trendLook(weekly, widget, false),
    ) as {
      series: { stack?: string; markLine?: { data: { yAxis: number }[] } }[];
      visualMap?: { pieces: unknown[] };
      yAxis: { max?: (extent: { min: number; max: number }) => number | null };
    };
  };

  it("has its reference lines across it, and in sight", () => {
    const option = drawn({ reference_lines: [{ value: "40", label: "target" }] });
    expect(option.series[0]?.markLine?.data.map(({ yAxis }) => yAxis)).toEqual([40]);
    expect(option.yAxis.max?.({ min: 5, max: 9 })).toBe(40);
    expect(option.yAxis.max?.({ min: 5, max: 90 })).toBeNull();
  });

  it("is coloured by its thresholds", () => {
    expect(drawn({ thresholds: [{ at: "6", tone: "bad" }] }).visualMap?.pieces).toHaveLength(2);
    expect(drawn({}).visualMap).toBeUndefined();
  });

  it("is stacked where its widget says so", () => {
    expect(drawn({ stacked: true }).series[0]?.stack).toBe("all");
  });
});

describe("exports", () => {
  it("have every digit and the receipt in each row", () => {
    const text = answerCsv({
      ...answer(
        ["region"],
        [
          ["West, far", "1410000.00"],
          ["=1+1", "-5"],
          [null, null],
        ],
      ),
      provenance: aProvenance({ receipt_id: "r1" }),
    });
    expect(text.split("\r\n")).toEqual([
      "region,value,receipt_id",
      '"West, far",1410000.00,r1',
      "'=1+1,-5,r1",
      ",,r1",
      "",
    ]);
  });

  it("write words into a picture where its readers look for them", () => {
    const png = new Uint8Array(60).fill(7);
    const written = withPngText(png, "Receipt", "r1");
    expect(written.length).toBe(60 + 12 + "Receipt\0r1".length);
    expect(new TextDecoder().decode(written.slice(37, 51))).toBe("tEXtReceipt\0r1");
    expect(crc32(new TextEncoder().encode("123456789"))).toBe(0xcbf43926);
  });
});
