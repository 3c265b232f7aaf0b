/** A widget as a picture, from the same plan as on the page: what it shows, and at its foot where the number comes from. */

import type { EChartsCoreOption } from "echarts/core";
import type { Answer, Metric, Widget } from "@/api/types";
import { TONE_VARIABLE } from "@/ui/tones";
import { around, drawnOf } from "../drawn";
import type { FigurePlan } from "../figure";
import { frameOf } from "../frame";
import { furtherOf } from "../further";
import { type FurtherWidget, isCommon, isFurther } from "../kinds";
import { markText, noteOf, type Plan, shareOfWhole, sizeOf } from "../plan";
import { type Rows, rowsOf } from "../rows";
import { init } from "./echartsCanvas";
import { FONT } from "./look";
import { optionOf } from "./option";
import { hueToken, pageColour } from "./palette";
import { withPngText } from "./pngText";
import { pointsOption } from "./pointsOption";

export interface Picture {
  widget: Widget;
  answer: Answer;
  metrics: Metric[];
  title: string;
  subtitle: string | null;
  /** What the engine told of what the chart leaves out. */
  rest?: Answer | undefined;
}

const WIDTH = 760;
const SCALE = 2;
const PAD = 20;
const HEAD = 52;
const FOOT = 40;
const ROW = 28;
const NOTE = 20;
const MOST_ROWS = 40;

type Pen = CanvasRenderingContext2D;

interface Written {
  size?: number;
  weight?: number;
  hue?: string;
  align?: CanvasTextAlign;
  width?: number;
}

function write(pen: Pen, text: string, x: number, y: number, look: Written = {}) {
  const { size = 13, weight = 400, hue = "--ink", align = "left", width } = look;
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.fillStyle = pageColour(hue);
  pen.textAlign = align;
  pen.textBaseline = "middle";
  let shown = text;
  while (width && shown.length > 1 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  pen.fillText(shown, x, y);
}

function box(pen: Pen, x: number, y: number, width: number, height: number, hue: string) {
  pen.fillStyle = pageColour(hue);
  pen.beginPath();
  pen.roundRect(x, y, Math.max(0, width), height, Math.min(4, height / 2));
  pen.fill();
}

/** What stands between head and foot: its height, and how it is drawn. */
interface Body {
  height: number;
  draw: (pen: Pen) => void;
}

function figureBody({ prefix, number, suffix, tone }: FigurePlan): Body {
  const look = { size: 48, weight: 600, hue: tone ? TONE_VARIABLE[tone] : "--ink", width: WIDTH - 2 * PAD };
  return { height: 96, draw: (pen) => write(pen, prefix + number + suffix, PAD, HEAD + 44, look) };
}

function rowsBody({ columns, rows }: Rows): Body {
  const width = (WIDTH - 2 * PAD) / columns.length;
  const shown = rows.slice(0, MOST_ROWS);
  const draw = (pen: Pen) => {
    const put = (text: string, place: number, y: number, look: Written) => {
      const isFigure = columns[place]?.isFigure === true;
      const x = PAD + width * place + (isFigure ? width - 8 : 0);
      write(pen, text, x, y, { ...look, align: isFigure ? "right" : "left", width: width - 12 });
    };
    columns.forEach(({ label }, place) => {
      put(label, place, HEAD + ROW / 2, { size: 11.5, hue: "--faint" });
    });
    shown.forEach(({ cells }, index) => {
      const y = HEAD + (index + 1.5) * ROW;
      box(pen, PAD, y - ROW / 2, WIDTH - 2 * PAD, 1, "--line");
      cells.forEach(({ text, tone }, place) => {
        put(text, place, y, tone ? { hue: TONE_VARIABLE[tone] } : {});
      });
    });
  };
  return { height: ROW * (shown.length + 1), draw };
}

function drawChart(pen: Pen, plan: Plan, top: number, height: number) {
  const look = { colour: pageColour, isAnimated: false, withNames: plan.lines.length > 1 };
  drawOption(pen, optionOf(plan, look), top, height);
}

function drawOption(pen: Pen, option: EChartsCoreOption, top: number, height: number) {
  const size = { width: WIDTH - 2 * PAD, height };
  const place = document.createElement("div");
  const chart = init(place, null, { renderer: "canvas", devicePixelRatio: SCALE, ...size });
  chart.setOption(option);
  pen.drawImage(chart.renderToCanvas({ pixelRatio: SCALE }), PAD, top, size.width, size.height);
  chart.dispose();
}

/** Whose colour is which, in a row. */
function drawLegend(pen: Pen, plan: Plan) {
  let x = PAD;
  for (const { hue, name } of plan.series) {
    box(pen, x, HEAD + 5, 10, 10, hueToken(hue));
    write(pen, name, x + 16, HEAD + 10, { size: 11.5, hue: "--soft", width: 140 });
    x += 26 + Math.min(140, pen.measureText(name).width) + 10;
  }
}

function partsBody(plan: Plan): Body {
  const draw = (pen: Pen) => {
    const wide = (WIDTH - 2 * PAD) / (plan.scale.high - plan.scale.low);
    plan.bars.forEach((bar, index) => {
      const series = plan.series[bar.series];
      if (!series) return;
      const hue = hueToken(series.hue);
      box(pen, PAD + (bar.from - plan.scale.low) * wide, HEAD + 6, sizeOf(bar) * wide - 2, 20, hue);
      const y = HEAD + 44 + index * ROW + ROW / 2;
      box(pen, PAD, y - 5, 10, 10, hue);
      write(pen, series.name, PAD + 18, y, { hue: "--soft", width: 420 });
      write(pen, shareOfWhole(bar, plan), WIDTH - PAD - 110, y, { weight: 500, align: "right" });
      const text = markText(plan, bar.series, bar.value);
      write(pen, text, WIDTH - PAD, y, { hue: "--soft", align: "right" });
    });
  };
  return { height: 44 + plan.bars.length * ROW, draw };
}

function marksBody(plan: Plan): Body {
  const legend = plan.shape === "by_name" && plan.series.length > 1 ? 24 : 0;
  const height = plan.shape === "over_time" ? 290 : Math.max(1, plan.bands.length) * ROW;
  const draw = (pen: Pen) => {
    if (legend > 0) drawLegend(pen, plan);
    drawChart(pen, plan, HEAD + legend, height);
  };
  return { height: height + legend + 10, draw };
}

function chartBody(plan: Plan): Body {
  const { height, draw } = plan.shape === "parts" ? partsBody(plan) : marksBody(plan);
  const note = noteOf(plan);
  if (note === "") return { height, draw };
  const look = { size: 11, hue: "--faint", align: "right", width: WIDTH - 2 * PAD } as const;
  return {
    height: height + NOTE,
    draw: (pen) => {
      draw(pen);
      write(pen, note, WIDTH - PAD, HEAD + height + NOTE / 2, look);
    },
  };
}

/** Of kinds that are tables on the page, or many charts, the rows; of the others the chart. */
function furtherBody(widget: FurtherWidget, { answer, metrics, title }: Picture): Body {
  const drawn = furtherOf(widget, answer, metrics, title);
  if (drawn.as === "chart") return chartBody(drawn.plan);
  if (drawn.as !== "points") return rowsBody(rowsOf(frameOf(answer, metrics), { exact: false, widget }));
  const look = { colour: pageColour, isAnimated: false, withNames: true };
  const { points } = drawn;
  return { height: 330, draw: (pen) => drawOption(pen, pointsOption(points, look), HEAD, 320) };
}

function bodyOf(picture: Picture): Body {
  const { widget, answer, metrics, title, rest } = picture;
  if (isFurther(widget)) return furtherBody(widget, picture);
  if (!isCommon(widget)) throw new Error("A text has no picture.");
  const drawn = drawnOf(widget, answer, metrics, title, { ...around(), rest });
  switch (drawn.as) {
    case "figure":
      return figureBody(drawn.figure);
    case "rows":
      return rowsBody(drawn.rows);
    case "chart":
      return chartBody(drawn.plan);
  }
}

/** The picture, with its receipt's id drawn at the foot and written into the file. */
export async function widgetPng(picture: Picture): Promise<Blob> {
  const { provenance } = picture.answer;
  const body = bodyOf(picture);
  const height = HEAD + body.height + FOOT;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no pictures.");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = pageColour("--surface");
  pen.fillRect(0, 0, WIDTH, height);
  write(pen, picture.title, PAD, 28, { size: 16, weight: 600, width: 440 });
  write(pen, picture.subtitle ?? "", WIDTH - PAD, 28, { hue: "--faint", align: "right", width: 260 });
  body.draw(pen);
  const foot = height - FOOT / 2;
  box(pen, PAD, height - FOOT, WIDTH - 2 * PAD, 1, "--line");
  write(pen, `${provenance.backend} · as of ${provenance.as_of}`, PAD, foot, {
    size: 11,
    hue: "--faint",
    width: 330,
  });
  const receipt = { size: 11, hue: "--faint", align: "right", width: 380 } as const;
  write(pen, `receipt ${provenance.receipt_id}`, WIDTH - PAD, foot, receipt);
  const plain = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!plain) throw new Error("The picture could not be written.");
  const bytes = new Uint8Array(await plain.arrayBuffer());
  return new Blob([withPngText(bytes, "Receipt", provenance.receipt_id)], { type: "image/png" });
}
