import type { Answer, Metric } from "@/api/types";
import { frameOf } from "./frame";
import { COMMON, type CommonWidget } from "./kinds";
import type { Drawn } from "./kinds/kind";
import type { Context } from "./plan";
import { hues } from "./useHues";

const readerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

export type Surroundings = Pick<Context, "hueOf" | "readerZone" | "rest" | "isOpen" | "annotations">;

/** The colours that everybody has, and this reader's zone. */
export const around = (): Surroundings => ({ hueOf: hues.hueOf, readerZone: readerZone() });

/** An answer as its widget wants it drawn: the same for the page, for a picture and for a reader that hears it. */
export function drawnOf(
  widget: CommonWidget,
  answer: Answer,
  metrics: Metric[],
  label: string,
  surroundings: Surroundings = around(),
): Drawn {
  return COMMON[widget.kind].draw({ frame: frameOf(answer, metrics), widget, ...surroundings }, label);
}
