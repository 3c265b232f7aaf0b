import type { Cell, Filter, WindowChoice } from "@/api/types";

/** What a click on a part of a widget does, on a page where it does something. */
export interface Drill {
  /** Filters the page by a value. */
  pick?: (dimension: string, value: Cell) => void;
  /** Shows the rows behind a number: under these conditions too, in that window, of that metric where a tile has several. */
  rows?: (filters: Filter[], window?: WindowChoice, metricId?: string) => void;
  /** Opens the receipt of what is shown. */
  receipt?: () => void;
}

export const NO_DRILL: Drill = {};
