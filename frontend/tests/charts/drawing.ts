/** What tests of charts share: answers as they travel, plans of them, and plans as drawn, in plain Node. */
import { readFileSync } from "node:fs";
import { setPlatformAPI } from "echarts/core";
import type { Answer, Cell, Column, Metric, Widget } from "@/api/types";
import { init } from "@/charts/draw/echarts";
import { optionOf } from "@/charts/draw/option";
import type { Colour } from "@/charts/draw/palette";
import { drawnOf, type Surroundings } from "@/charts/drawn";
import { createHues, type Wanted } from "@/charts/hues";
import type { CommonWidget } from "@/charts/kinds";
import type { Context, Plan } from "@/charts/plan";
import { aMetric, anAnswer } from "../examples";

export const time: Column = { name: "time", type: "date", unit: null, role: "time", metric_id: null };
export const hours: Column = { ...time, type: "timestamp" };
export const part = (name: string, type: Column["type"] = "string"): Column => ({
  name,
  type,
  unit: null,
  role: "dimension",
  metric_id: null,
});
export const count: Column = {
  name: "value",
  type: "integer",
  unit: "count",
  role: "value",
  metric_id: "m",
  empty: "zero",
};
export const rate: Column = { ...count, type: "double", unit: "/ 5", empty: "unknown" };
export const before: Column = { ...count, name: "previous", role: "previous" };

export function answerOf(columns: Column[], rows: Cell[][], over: Partial<Answer["question"]> = {}): Answer {
  const answer = anAnswer(0);
  const question = { ...answer.question, metrics: ["m"], window: null, limit: null, ...over };
  return { ...answer, metric_id: "m", metrics: ["m"], columns, rows, question, partial: [], dense: false };
}

/** Truncated at the bound of rows, without anybody having asked for so many. */
export const cut = (answer: Answer): Answer => ({
  ...answer,
  provenance: { ...answer.provenance, truncated: true },
});

export const metric = (over: Partial<Metric> = {}): Metric =>
  aMetric({ metric_id: "m", label: "Claims", unit: "count", adds_up: true, ...over });

/** What gives colours to values, each once and in the order in which it is asked: as the server does for everybody. */
export function aGiver(chosen: Record<string, number> = {}) {
  const given = new Map<string, number>();
  const give = (dimension: string, values: string[]) => {
    for (const value of values) {
      if (!given.has(value)) given.set(value, chosen[value] ?? (given.size % 8) + 1);
    }
    const hues = Object.fromEntries(values.map((value) => [value, given.get(value) ?? 1]));
    return { dimension, hues, chosen: values.filter((value) => value in chosen) };
  };
  return { give, ask: (async (dimension, values) => give(dimension, values)) as Wanted };
}

/** Colours of a page that was told of each value before it drew it. */
export function freshHues(giver = aGiver()): Context["hueOf"] {
  return (dimension, keys) => {
    const hues = createHues(giver.ask);
    hues.take([giver.give(dimension, keys)]);
    return hues.hueOf(dimension, keys);
  };
}

interface Around extends Pick<Surroundings, "rest" | "isOpen" | "annotations"> {
  metrics?: Metric[];
  readerZone?: string;
  hues?: Context["hueOf"];
}

export function planOf(
  kind: CommonWidget["kind"],
  answer: Answer,
  over: Partial<Widget> = {},
  around: Around = {},
): Plan {
  const { metrics = [metric()], readerZone = "UTC", hues = freshHues(), ...more } = around;
  const widget: CommonWidget = { question: { metrics: ["m"] }, ...over, kind };
  const drawn = drawnOf(widget, answer, metrics, "Claims", { hueOf: hues, readerZone, ...more });
  if (drawn.as !== "chart") throw new Error(`${kind} is no chart`);
  return drawn.plan;
}

/** The tokens of a theme, as the stylesheet has them. */
export function tokensOf(theme: "light" | "dark"): Map<string, string> {
  const css = readFileSync("src/styles.css", "utf8");
  const block = (theme === "light" ? /:root \{([^}]*)\}/ : /:root\[data-theme="dark"\] \{([^}]*)\}/).exec(
    css,
  )?.[1];
  return new Map(
    [...(block ?? "").matchAll(/(--[\w-]+):\s*([^;]+);/g)].map(([, name = "", value = ""]) => [
      name,
      value.trim(),
    ]),
  );
}

const light = tokensOf("light");
export const lightColour: Colour = (token) => light.get(token) ?? "#000000";

// There is no canvas here to measure text on.
setPlatformAPI({ measureText: (text) => ({ width: text.length * 6 }) as TextMetrics });

const SIZE = { width: 600, height: 300 };

/** A plan as ECharts draws it, without a browser. */
export function svgOf(plan: Plan): SVGSVGElement {
  const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE });
  chart.setOption(
    optionOf(plan, { colour: lightColour, isAnimated: false, withNames: plan.lines.length > 1 }),
  );
  const text = chart.renderToSVGString();
  chart.dispose();
  return new DOMParser().parseFromString(text, "image/svg+xml").documentElement as unknown as SVGSVGElement;
}

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
  fill: string;
  d: string;
}

const numbersIn = (d: string) => [...d.matchAll(/-?\d+(?:\.\d+)?(?:e-?\d+)?/g)].map(Number);

/** Every path that is filled with a colour, with its box. */
export function filledWith(svg: SVGSVGElement, colour: string): Rect[] {
  return [...svg.querySelectorAll("path, polygon")]
    .filter((path) => path.getAttribute("fill")?.toLowerCase() === colour.toLowerCase())
    .map((path) => {
      const d = path.getAttribute("d") ?? `M${path.getAttribute("points") ?? ""}`;
      const points = pointsOf(d);
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      const [x, y] = [Math.min(...xs), Math.min(...ys)];
      return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y, fill: colour, d };
    });
}

/** Corners of a path of straight lines, with relative ones made absolute. */
export function pointsOf(d: string): [number, number][] {
  const points: [number, number][] = [];
  for (const [, letter = "", rest = ""] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const kind = letter.toLowerCase();
    const [wide, high] = [kind !== "v", kind !== "h"];
    const given = numbersIn(rest);
    const width = wide && high ? 2 : 1;
    for (let at = 0; kind !== "z" && at + width <= given.length; at += width) {
      const [x, y] = points.at(-1) ?? [0, 0];
      const [fromX, fromY] = letter === kind ? [x, y] : [0, 0];
      points.push([wide ? fromX + (given[at] ?? 0) : x, high ? fromY + (given[at + width - 1] ?? 0) : y]);
    }
  }
  return points;
}

/** Every path drawn as a line in a colour, as stretches of points; dashes as they are. */
export function linesIn(
  svg: SVGSVGElement,
  colour: string,
): { points: [number, number][]; dashed: boolean }[] {
  return [...svg.querySelectorAll("path")]
    .filter((path) => path.getAttribute("stroke")?.toLowerCase() === colour.toLowerCase())
    .flatMap((path) => {
      const dashed = path.hasAttribute("stroke-dasharray");
      const d = path.getAttribute("d") ?? "";
      return d
        .split(/(?=M)/)
        .filter((each) => each.trim() !== "")
        .map((each) => ({ points: pointsOf(each), dashed }));
    });
}

export const textsIn = (svg: SVGSVGElement): string[] =>
  [...svg.querySelectorAll("text")].map((each) => each.textContent ?? "");
