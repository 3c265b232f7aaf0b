import type { Widget } from "@/api/types";
import { shortText } from "@/format/numbers";
import type { Across } from "./plan";

/** Lines across a chart: targets by their name, thresholds in their tone. */
export const acrossOf = (widget: Widget, unit: string | null): Across[] => [
  ...(widget.reference_lines ?? []).map((line) => ({
    at: Number(line.value),
    label: line.label || shortText(line.value, unit, widget.format),
    tone: null,
  })),
  ...(widget.thresholds ?? []).map(({ at, tone }) => ({ at: Number(at), label: "", tone })),
];
