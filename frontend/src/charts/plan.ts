/**
 * What is drawn, before it is drawn: marks on scales, in words of the data and none of pixels. A bar has a `from`, so one that
 * does not begin at zero cannot be written by accident; every way of drawing reads the same plan.
 */
import type { Annotation, Answer, Cell, Filter, NumberFormat, Widget } from "@/api/types";
import { fixed, numberOf, shortText } from "@/format/numbers";
import type { ValueTone } from "@/ui/tones";
import type { Bucket } from "./buckets";
import type { Frame } from "./frame";
import type { RestWanted } from "./rest";

/** A colour by its meaning: the one accent, one of eight for series, grey for others and for what was before. */
export const HUES = 8;
export type Hue = "accent" | "others" | "compare" | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export interface Series {
  /** The raw values that it stands for; equal only for equal values. */
  key: string;
  name: string;
  hue: Hue;
  role: "own" | "before" | "ahead" | "target";
  /** Whose value it is; null where metrics are told apart. */
  dimension: string | null;
}

/** A place on the axis: a bucket of time, or a group of rows. */
export interface Band {
  key: string;
  label: string;
  /** Without its year, which stands at the axis where it changes. */
  short: string;
  year: number | null;
  /** `ahead`: it has not begun. */
  state: Bucket["state"] | "ahead";
  isWeekend: boolean;
  /** What a press on its name filters by. */
  pick: { dimension: string; value: Cell } | null;
}

/** The place of a group of rows, which has no time. */
export const groupBand = (key: string, label: string, pick: Band["pick"] = null): Band => ({
  key,
  label,
  short: label,
  year: null,
  state: "whole",
  isWeekend: false,
  pick,
});

/** From here to there along the scale, exactly as large as its value. */
export interface Bar {
  series: number;
  band: number;
  /** Its place beside others of the band. */
  lane: number;
  from: number;
  to: number;
  value: Cell;
  tone: ValueTone | null;
  /** Every condition that it stands for. */
  filters: Filter[];
  /** Of which metric it is, where a chart has bars of several. */
  metricId?: string;
  /** What stands beside its value, in words: "42% of the first". */
  aside?: string;
  /** What it is meant to reach, and where it leads if it goes on as it went. */
  goal?: { at: number; ahead: number | null };
  /** Many together: the axis is that of the others, and a bar that is longer than it is drawn broken. */
  isRest?: boolean;
}

/** From zero, as long as its value; where there is none, of no length. */
export const barOf = (series: number, band: number, value: Cell, filters: Filter[] = []): Bar => ({
  series,
  band,
  lane: 0,
  from: 0,
  to: numberOf(value) ?? 0,
  value,
  tone: null,
  filters,
});

export const sizeOf = ({ from, to }: Pick<Bar, "from" | "to">): number => to - from;

/** One value a band; null is a gap. `base` is where its area begins; null: it has none. */
export interface Line {
  series: number;
  values: Cell[];
  to: (number | null)[];
  base: number[] | null;
  /** Read at the second axis. */
  isSecond?: boolean;
}

export interface Scale {
  low: number;
  high: number;
  step: number;
  unit: string | null;
  /** Why the axis does not begin at zero; null where it does. */
  reason: string | null;
  /** Whose axis it is, where there are two. */
  name?: string;
  /** How many decimals the values have that are read at it: all of them as many. */
  places?: number;
}

/** A line across the chart: a target by its name, or a threshold in its tone. */
export interface Across {
  at: number;
  label: string;
  tone: ValueTone | null;
}

/** Something written down beside the data, from one band to another. */
export interface Note {
  from: number;
  to: number;
  text: string;
  when: string;
}

/** A label of the axis. */
export interface Tick {
  band: number;
  text: string;
}

export interface Plan {
  label: string;
  shape: "over_time" | "by_name" | "parts";
  isStacked: boolean;
  /** Marks are shares of their band, from 0 to 1, and values stay what they are. */
  isShare: boolean;
  bands: Band[];
  series: Series[];
  bars: Bar[];
  lines: Line[];
  scale: Scale;
  /** Of lines in another unit: both axes begin at 0, at the same height. */
  second: Scale | null;
  /** Where bands are classes: the axis of their edges. Their bars touch. */
  edges: Scale | null;
  ticks: Tick[];
  /** The year that no label has to name: this one. */
  year: number | null;
  across: Across[];
  /** What was written down of its time. */
  notes?: Note[];
  thresholds: readonly { at: string; tone: ValueTone }[];
  format: NumberFormat | null;
  /** Said at the axis where it is not the reader's own zone. */
  zone: string | null;
  /** Parts of a whole may be told as shares only where their sum is one. */
  whole: number | null;
  /** How many of them stand together as others, or would if they were not shown each by itself. */
  folded: number;
  /** What it would have the engine tell, so that the others can be drawn. */
  rest: RestWanted | null;
  /** What is not drawn, in words: "top 7 of 240". */
  note: string | null;
  /** What the chart says, for whoever does not see it. */
  sentence: string;
}

/** A value of a series as it reads in its chart: as its widget wants it, with as many decimals as those beside it. */
export function markText(plan: Plan, series: number, value: Cell): string {
  const isSecond = plan.lines.some((line) => line.series === series && line.isSecond);
  const { unit, places } = plan.second && isSecond ? plan.second : plan.scale;
  return shortText(value, unit, plan.format, places);
}

/** How much of its band a mark is: "41%"; the more of it, the fewer digits. */
export function shareText(share: number): string {
  const percent = share * 100;
  return `${percent !== 0 && percent < 9.95 ? fixed(percent, 1, 1) : fixed(percent, 0)}%`;
}

/** The same of everything that the parts are parts of: of nothing there is no share, and what has no value has none. */
export const shareOfWhole = (bar: Bar, { whole }: Plan): string =>
  whole && bar.value !== null ? shareText(sizeOf(bar) / whole) : "";

/** Notes one after another, of those that there are. */
export const notes = (...each: (string | null)[]): string => each.filter(Boolean).join(" · ");

/** What stands below a chart: what it leaves out, and whose hours it shows. */
export const noteOf = ({ note, zone }: Plan): string => notes(note, zone);

/** What a rule may know beside the plan. */
export interface Context {
  frame: Frame;
  widget: Widget;
  /** The colour that a value of a dimension has everywhere. */
  hueOf: (dimension: string, keys: string[]) => ReadonlyMap<string, Hue>;
  /** The reader's own zone. */
  readerZone: string;
  /** What is written down beside the data. */
  annotations?: readonly Annotation[];
  /** What the engine told of what the chart leaves out. */
  rest?: Answer | undefined;
  /** The others are shown each by itself. */
  isOpen?: boolean;
}

export type Rule = (plan: Plan, context: Context) => Plan;
