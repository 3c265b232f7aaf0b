import { Table2 } from "lucide-react";
import { rowsOf } from "../rows";
import type { CommonKind } from "./kind";

export const table: CommonKind = {
  label: "Table",
  icon: Table2,
  room: { w: 6, h: 5 },
  least: { w: 4, h: 4 },
  previewHeight: "h-[21.538rem]",
  phoneHeight: "auto",
  scrolls: true,
  standIns: ["h-3 w-full", "h-4 w-full", "h-4 w-full", "h-4 w-full", "h-4 w-full"],
  standing: "gap-4 pt-2",
  draw: ({ frame, widget, rest }) => ({
    as: "rows",
    rows: rowsOf(frame, { exact: false, widget, all: rest }),
  }),
};
