import { render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { ChangeMark } from "@/charts/draw/ChangeMark";
import { changeOf } from "@/format/change";

describe("a change", () => {
  it.each([
    ["110", "100", "usd", "up_is_good", "up", "10.0%", "good", "better"],
    ["110", "100", "usd", "down_is_good", "up", "10.0%", "bad", "worse"],
    ["90", "100", "count", "down_is_good", "down", "10.0%", "good", "better"],
    ["90", "100", "count", "up_is_good", "down", "10.0%", "bad", "worse"],
    ["110", "100", "count", "neutral", "up", "10.0%", "neutral", ""],
    ["0.874", "0.860", "percent", "up_is_good", "up", "1.4 pt", "good", "better"],
    ["4.6", "4.4", "/ 5", "up_is_good", "up", "0.2", "good", "better"],
    ["-50", "-100", "usd", "up_is_good", "up", "50.0%", "good", "better"],
    ["100.01", "100", "usd", "up_is_good", "up", "<0.1%", "neutral", ""],
  ])("to %s from %s in %s, %s", (value, previous, unit, direction, way, text, tone, word) => {
    expect(changeOf(value, previous, unit, direction)).toEqual({ way, text, tone, word });
  });

  it("gives the gap itself where there was nothing before", () => {
    expect(changeOf(12, 0, "count", "up_is_good")?.text).toBe("12");
  });

  it("is level where both are equal, however they are written", () => {
    expect(changeOf("4.50", "4.5", "/ 5", "up_is_good")).toMatchObject({ way: "level", tone: "neutral" });
  });

  it.each([
    [null, "1"],
    ["1", null],
  ])("says nothing without both sides", (value, previous) => {
    expect(changeOf(value, previous, "usd", "up_is_good")).toBeNull();
  });
});

describe("the mark of a change", () => {
  it("tells way and verdict in words, not by colour alone", () => {
    render(
      <ChangeMark value="110" previous="100" unit="count" direction="down_is_good" against="vs yesterday" />,
    );
    expect(screen.getByText(/10\.0%/).textContent).toMatch(/up 10\.0%\s*worse/);
    expect(screen.getByText(/10\.0%/)).toHaveClass("text-bad");
    expect(screen.getByText("vs yesterday")).toBeVisible();
  });

  it("is not there where nothing can be compared", () => {
    const { container } = render(<ChangeMark value="110" previous={null} unit="count" direction="neutral" />);
    expect(container).toBeEmptyDOMElement();
  });
});
