import type { LucideIcon } from "lucide-react";
import type { Widget } from "@/api/types";
import type { FigurePlan } from "../figure";
import type { Context, Plan } from "../plan";
import type { Rows } from "../rows";

/** What an answer comes to: one figure, rows, or marks on scales. */
export type Drawn =
  | { as: "figure"; figure: FigurePlan }
  | { as: "rows"; rows: Rows }
  | { as: "chart"; plan: Plan };

interface Size {
  w: number;
  h: number;
}

/** Everything that the page knows of a kind of widget before it is drawn. */
export interface KindLook {
  label: string;
  icon: LucideIcon;
  /** On the grid, when it is placed, and at least, when a tile becomes of this kind. */
  room: Size;
  least: Size;
  /** Its height alone, and on a phone, where content decides unless it says otherwise. */
  previewHeight: string;
  phoneHeight: string;
  /** Its content may be taller than its tile. */
  scrolls: boolean;
  /** The shapes of what comes, while it is waited for, and how they stand. */
  standIns: string[];
  standing: string;
}

/** A kind that any page may begin with. */
export interface CommonKind extends KindLook {
  draw: (context: Context, label: string) => Drawn;
}

/** Kinds whose drawing comes when the first of them does (`further/`). */
export type FurtherKind = Exclude<
  Widget["kind"],
  "kpi" | "trend" | "bar" | "breakdown" | "table" | "funnel" | "gauge" | "text"
>;
