import { QueryClientProvider } from "@tanstack/react-query";
import { act, render as renderAlone, screen } from "@testing-library/react";
import type { ReactElement } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createQueryClient } from "@/api/queryClient";
import type { Answer } from "@/api/types";
import { moveText } from "@/format/moves";
import { WidgetBody } from "@/widgets/WidgetBody";
import { aKpi, aMetric, anAnswer } from "./examples";

const client = createQueryClient(() => {});
const render = (content: ReactElement) =>
  renderAlone(content, {
    wrapper: ({ children }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });

describe("what a figure moved by", () => {
  it.each([
    ["1410000.00", "1410210.00", "usd", "+$210.00"],
    ["1410210.00", "1410000.00", "usd", "−$210.00"],
    [1287, 1286, "count", "−1"],
    [0.8695, 0.8705, "percent", "+0.1 pt"],
    [4.6001234, 4.7001234, "hours", "+0.1 h"],
    ["0.10", "0.30", "usd", "+$0.20"],
  ])("%s -> %s %s is %s", (from, to, unit, text) => {
    expect(moveText(from, to, unit)).toBe(text);
  });
});

describe("a figure that moves", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const figure = (answer: Answer) => (
    <WidgetBody
      widget={aKpi()}
      answer={answer}
      spark={undefined}
      metrics={[aMetric()]}
      label="Cost avoided"
    />
  );
  const mark = () => document.querySelector("[data-moved]")?.textContent ?? null;

  it("says by how much for a minute, politely, and is calm again", () => {
    const { rerender } = render(figure(anAnswer("1410000.00")));
    expect(mark()).toBeNull();
    rerender(figure(anAnswer("1410210.00")));
    expect(mark()).toBe("+$210.00");
    expect(screen.getByText("Cost avoided (MTD): +$210.00, now $1,410,210.00")).toHaveAttribute(
      "aria-live",
      "polite",
    );
    act(() => void vi.advanceTimersByTime(59_000));
    expect(mark()).toBe("+$210.00");
    act(() => void vi.advanceTimersByTime(1_000));
    expect(mark()).toBeNull();
  });

  it("leads to the receipt, and stays while somebody is at it", () => {
    const receipt = vi.fn();
    const of = (value: string) => (
      <WidgetBody
        widget={aKpi()}
        answer={anAnswer(value)}
        spark={undefined}
        metrics={[aMetric()]}
        label="Cost avoided"
        drill={{ receipt }}
      />
    );
    const { rerender } = render(of("1410000.00"));
    rerender(of("1410210.00"));
    const button = screen.getByRole("button", { name: "Moved by +$210.00. Open receipt" });
    act(() => button.focus());
    act(() => void vi.advanceTimersByTime(90_000));
    act(() => button.click());
    expect(receipt).toHaveBeenCalledOnce();
    act(() => button.blur());
    act(() => void vi.advanceTimersByTime(1));
    expect(mark()).toBeNull();
  });

  it("stays calm when it is asked again and is the same, or when something else is asked", () => {
    const { rerender } = render(figure(anAnswer("1410000.00")));
    rerender(figure(anAnswer("1410000.00")));
    expect(mark()).toBeNull();
    const other = anAnswer("99.00");
    const filters = [{ dimension: "region", op: "eq" as const, values: ["West"] }];
    rerender(figure({ ...other, question: { ...other.question, filters } }));
    expect(mark()).toBeNull();
  });
});
