import { fireEvent, render, screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Cell, Metric } from "@/api/types";
import { RowsTable } from "@/charts/draw/RowsTable";
import { frameOf } from "@/charts/frame";
import { rowsOf } from "@/charts/rows";
import { answerOf, count, metric, part } from "./drawing";

const big = { ...count, type: "decimal" as const };
const ROWS: Cell[][] = [
  ["West", "9007199254740993"],
  ["East", "10"],
  [null, null],
  ["North", "9.5"],
];

function showRows(rows: Cell[][], over: Partial<Metric> = {}, limit: number | null = null) {
  const frame = frameOf(answerOf([part("region"), big], rows, { limit }), [metric(over)]);
  render(<RowsTable rows={rowsOf(frame, { exact: false })} caption="Claims" />);
  return screen.getByRole("table");
}
const names = () =>
  [...document.querySelectorAll("tbody tr")].map((row) => row.querySelector("td")?.textContent);

it("puts rows in order by number, no value last, and back as they came", () => {
  showRows(ROWS, { adds_up: false });
  const head = screen.getByRole("button", { name: "Claims" });
  fireEvent.click(head);
  expect(names()).toEqual(["West", "East", "North", "(none)"]);
  expect(screen.getByRole("columnheader", { name: "Claims" })).toHaveAttribute("aria-sort", "descending");
  fireEvent.click(head);
  expect(names()).toEqual(["North", "East", "West", "(none)"]);
  fireEvent.click(head);
  expect(names()).toEqual(["West", "East", "(none)", "North"]);
});

it("adds up what adds up, to the last digit, and says of which rows", () => {
  const table = showRows(
    [
      ["West", "0.10"],
      ["East", "0.20"],
    ],
    {},
  );
  const [, , , total] = within(table).getAllByRole("row");
  expect(total).toHaveTextContent(/^Total0.3$/);
});

it("says that only the rows shown are added where others were left out", () => {
  showRows(ROWS.slice(0, 2), {}, 2);
  expect(screen.getByText("Total of the 2 shown")).toBeVisible();
});

it("makes no total of what does not add up", () => {
  showRows(ROWS, { adds_up: false });
  expect(screen.queryByText(/^Total/)).toBeNull();
});

it("draws a bar from 0 as long as its value, and none beside values below 0", () => {
  const table = showRows([
    ["West", "10"],
    ["East", "5"],
  ]);
  const [, west, east] = within(table).getAllByRole("row");
  const bar = (row: HTMLElement | undefined) => row?.querySelectorAll("td")[1]?.style.background;
  expect(bar(west)).toContain("100%");
  expect(bar(east)).toContain("50%");
  const frame = frameOf(
    answerOf(
      [part("region"), big],
      [
        ["West", "-1"],
        ["East", "5"],
      ],
    ),
    [metric()],
  );
  expect(rowsOf(frame, { exact: false }).rows.map(({ cells }) => cells[1]?.share)).toEqual([null, null]);
});

it("shows fifty rows a page, and keeps the first column in sight", () => {
  const table = showRows(Array.from({ length: 60 }, (_, index) => [`r${index}`, String(index)]));
  expect(table.querySelectorAll("tbody tr")).toHaveLength(50);
  expect(screen.getByText("1 to 50 of 60")).toBeVisible();
  fireEvent.click(screen.getByText("Next"));
  expect(screen.getByText("51 to 60 of 60")).toBeVisible();
  expect(screen.getByText("Next")).toBeDisabled();
  expect(table.querySelector("tbody td")).toHaveTextContent("r50");
  expect(table.querySelector("tbody td")?.className).toContain("sticky");
});

it("puts columns away where there are many", async () => {
  const values = [big, { ...big, name: "b", metric_id: "b" }, { ...big, name: "c", metric_id: "c" }];
  const frame = frameOf(answerOf([part("region"), ...values], [["West", "1", "2", "3"]]), [
    metric(),
    metric({ metric_id: "b", label: "Repairs" }),
    metric({ metric_id: "c", label: "Costs" }),
  ]);
  render(<RowsTable rows={rowsOf(frame, { exact: false })} caption="Claims" />);
  fireEvent.click(screen.getByRole("button", { name: "Columns" }));
  fireEvent.click(await screen.findByText("Put away Repairs", {}, { timeout: 12_000 }));
  expect(screen.getAllByRole("columnheader").map((each) => each.textContent)).toEqual([
    "Region",
    "Claims",
    "Costs",
  ]);
});
