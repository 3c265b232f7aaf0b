import { Gauge } from "lucide-react";
import { figureOf } from "../figure";
import type { CommonKind } from "./kind";

export const kpi: CommonKind = {
  label: "Figure",
  icon: Gauge,
  room: { w: 3, h: 2 },
  least: { w: 2, h: 2 },
  previewHeight: "h-[10.769rem]",
  phoneHeight: "10.462rem",
  scrolls: false,
  standIns: ["h-8 w-24", "h-3 w-32"],
  standing: "justify-center gap-2",
  draw: (context) => ({ as: "figure", figure: figureOf(context) }),
};
