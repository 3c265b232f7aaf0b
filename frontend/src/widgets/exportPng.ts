/** A widget as a picture, drawn by hand on a canvas: what it shows, and at its foot where the number comes from. */
import type { Answer, Metric, Widget } from "@/api/types";
import { figure, numberOf, shortText } from "@/ui/numbers";
import { TONE_VARIABLE, toneOf } from "@/ui/tones";
import { columnLabel } from "./AnswerTable";
import { init } from "./chartCanvas";
import { withPngText } from "./pngText";
import { cellAt, dimensionText, rowName, shapeOf } from "./shape";
import { trendLook, trendOption } from "./trendOption";
import { trendLines } from "./trendSeries";

export interface Picture {
  widget: Widget;
  answer: Answer;
  metrics: Metric[];
  title: string;
  subtitle: string | null;
}

const WIDTH = 760;
const SCALE = 2;
const PAD = 20;
const HEAD = 52;
const FOOT = 40;
const ROW = 28;
const MOST_ROWS = 40;
const FONT = "Inter Variable, sans-serif";

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

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
  pen.fillStyle = colour(hue);
  pen.textAlign = align;
  pen.textBaseline = "middle";
  let shown = text;
  while (width && shown.length > 1 && pen.measureText(shown).width > width) shown = `${shown.slice(0, -2)}…`;
  pen.fillText(shown, x, y);
}

function box(pen: Pen, x: number, y: number, width: number, height: number, hue: string) {
  pen.fillStyle = colour(hue);
  pen.beginPath();
  pen.roundRect(x, y, Math.max(0, width), height, 4);
  pen.fill();
}

function bodyHeight({ widget, answer }: Picture): number {
  const rows = Math.min(answer.rows.length, MOST_ROWS);
  if (widget.kind === "kpi") return 96;
  if (widget.kind === "trend") return 300;
  if (widget.kind === "breakdown") return 44 + rows * ROW;
  return (widget.kind === "table" ? ROW : 0) + rows * ROW;
}

function drawFigure(pen: Pen, { widget, answer }: Picture) {
  const column = shapeOf(answer).values[0];
  const value = cellAt(answer.rows[0], column?.index ?? null);
  const { prefix, number, suffix } = figure(value, column?.column.unit ?? null, widget.format);
  const tone = toneOf(value, widget.thresholds);
  const hue = tone ? TONE_VARIABLE[tone] : "--ink";
  write(pen, prefix + number + suffix, PAD, HEAD + 44, { size: 48, weight: 600, hue });
}

function drawBars(pen: Pen, { widget, answer }: Picture) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return;
  const rows = answer.rows.slice(0, MOST_ROWS);
  const largest = Math.max(...rows.map((row) => Math.abs(numberOf(cellAt(row, column.index)) ?? 0)), 0) || 1;
  const left = 220;
  const room = WIDTH - left - PAD - 90;
  rows.forEach((row, index) => {
    const value = cellAt(row, column.index);
    const y = HEAD + index * ROW + ROW / 2;
    const tone = toneOf(value, widget.thresholds);
    write(pen, rowName(row, shape), PAD, y, { hue: "--soft", width: left - PAD - 12 });
    box(pen, left, y - 8, room, 16, "--sunken");
    const share = Math.abs(numberOf(value) ?? 0) / largest;
    box(pen, left, y - 8, room * share, 16, tone ? TONE_VARIABLE[tone] : "--accent");
    const text = shortText(value, column.column.unit, widget.format);
    write(pen, text, WIDTH - PAD, y, { weight: 500, align: "right" });
  });
}

function drawParts(pen: Pen, { widget, answer }: Picture) {
  const shape = shapeOf(answer);
  const column = shape.values[0];
  if (!column) return;
  const rows = answer.rows.slice(0, MOST_ROWS);
  const sizes = answer.rows.map((row) => Math.max(0, numberOf(cellAt(row, column.index)) ?? 0));
  const whole = sizes.reduce((sum, size) => sum + size, 0) || 1;
  let x = PAD;
  rows.forEach((row, index) => {
    const hue = `--mix-${(index % 8) + 1}`;
    const share = (sizes[index] ?? 0) / whole;
    const width = share * (WIDTH - 2 * PAD);
    box(pen, x, HEAD + 6, width - 2, 20, hue);
    x += width;
    const y = HEAD + 44 + index * ROW + ROW / 2;
    box(pen, PAD, y - 5, 10, 10, hue);
    write(pen, rowName(row, shape), PAD + 18, y, { hue: "--soft", width: 420 });
    const text = shortText(cellAt(row, column.index), column.column.unit, widget.format);
    write(pen, `${(share * 100).toFixed(1)}%`, WIDTH - PAD - 110, y, { weight: 500, align: "right" });
    write(pen, text, WIDTH - PAD, y, { hue: "--soft", align: "right" });
  });
}

function drawTable(pen: Pen, { widget, answer, metrics }: Picture) {
  const columns = answer.columns.map((column, index) => ({ column, index }));
  const width = (WIDTH - 2 * PAD) / columns.length;
  const isFigure = (role: string) => role === "value" || role === "previous";
  const at = (place: number, role: string) => PAD + width * place + (isFigure(role) ? width - 8 : 0);
  const align = (role: string): CanvasTextAlign => (isFigure(role) ? "right" : "left");
  columns.forEach(({ column }, place) => {
    const look = { size: 11.5, hue: "--faint", align: align(column.role), width: width - 12 };
    write(pen, columnLabel(column, answer, metrics), at(place, column.role), HEAD + ROW / 2, look);
  });
  answer.rows.slice(0, MOST_ROWS).forEach((row, index) => {
    const y = HEAD + (index + 1.5) * ROW;
    box(pen, PAD, y - ROW / 2, WIDTH - 2 * PAD, 1, "--line");
    columns.forEach(({ column, index: from }, place) => {
      const value = cellAt(row, from);
      const text = isFigure(column.role)
        ? shortText(value, column.unit, widget.format)
        : column.role === "time"
          ? String(value).slice(0, 16).replace("T", " ")
          : dimensionText(value);
      write(pen, text, at(place, column.role), y, { align: align(column.role), width: width - 12 });
    });
  });
}

function drawTrend(pen: Pen, { widget, answer, metrics }: Picture) {
  const place = document.createElement("div");
  const size = { width: WIDTH - 2 * PAD, height: 290 };
  const chart = init(place, null, { renderer: "canvas", devicePixelRatio: SCALE, ...size });
  const lines = trendLines(answer, (id) => metrics.find((metric) => metric.metric_id === id)?.label ?? id);
  chart.setOption(trendOption(lines, trendLook(answer, widget, false)));
  const drawn = chart.renderToCanvas({ pixelRatio: SCALE });
  pen.drawImage(drawn, PAD, HEAD, size.width, size.height);
  chart.dispose();
}

const DRAW: Record<Widget["kind"], (pen: Pen, picture: Picture) => void> = {
  kpi: drawFigure,
  trend: drawTrend,
  bar: drawBars,
  breakdown: drawParts,
  table: drawTable,
};

/** The picture, with its receipt's id drawn at the foot and written into the file. */
export async function widgetPng(picture: Picture): Promise<Blob> {
  const { provenance } = picture.answer;
  const height = HEAD + bodyHeight(picture) + FOOT;
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH * SCALE;
  canvas.height = height * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("This browser draws no pictures.");
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colour("--surface");
  pen.fillRect(0, 0, WIDTH, height);
  write(pen, picture.title, PAD, 28, { size: 16, weight: 600, width: 440 });
  write(pen, picture.subtitle ?? "", WIDTH - PAD, 28, { hue: "--faint", align: "right", width: 260 });
  DRAW[picture.widget.kind](pen, picture);
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
