import {
  ChartColumnBig,
  ChartNoAxesCombined,
  ChartScatter,
  Grid3x3,
  LayoutGrid,
  type LucideIcon,
  Map as MapIcon,
  Rows4,
  Triangle,
  Type,
} from "lucide-react";
import type { Widget } from "@/api/types";
import { bar } from "./bar";
import { breakdown } from "./breakdown";
import { funnel } from "./funnel";
import { gauge } from "./gauge";
import type { CommonKind, FurtherKind, KindLook } from "./kind";
import { kpi } from "./kpi";
import { table } from "./table";
import { trend } from "./trend";

/** What is drawn by the code of the page itself. */
export const COMMON = { kpi, trend, bar, breakdown, table, funnel, gauge } satisfies Partial<
  Record<Widget["kind"], CommonKind>
>;

const chart = (label: string, icon: LucideIcon): KindLook => ({ ...trend, label, icon });
const listed = (label: string, icon: LucideIcon): KindLook => ({ ...table, label, icon });

const FURTHER: Record<FurtherKind, KindLook> = {
  combo: chart("Bars and line", ChartNoAxesCombined),
  scatter: chart("Points", ChartScatter),
  histogram: chart("Distribution", ChartColumnBig),
  heatmap: listed("Heat map", Grid3x3),
  pivot: listed("Pivot", Rows4),
  multiples: { ...listed("Small charts", LayoutGrid), room: { w: 12, h: 5 } },
  map: { ...listed("Map", MapIcon), room: { w: 6, h: 6 } },
  cohort: { ...listed("Cohorts", Triangle), room: { w: 12, h: 5 } },
};

const text: KindLook = {
  ...kpi,
  label: "Text",
  icon: Type,
  room: { w: 12, h: 2 },
  phoneHeight: "auto",
  scrolls: true,
};

export type CommonWidget = Widget & { kind: keyof typeof COMMON };
export type FurtherWidget = Widget & { kind: FurtherKind };

export const isCommon = (widget: Widget): widget is CommonWidget => Object.hasOwn(COMMON, widget.kind);
export const isFurther = (widget: Widget): widget is FurtherWidget => Object.hasOwn(FURTHER, widget.kind);

/** Every kind of widget that the server knows: the compiler refuses a page that lacks one. */
export const KINDS: Record<Widget["kind"], KindLook> = { ...COMMON, ...FURTHER, text };
