import type { Answer, Metric, Widget } from "@/api/types";
import { frameOf } from "./frame";
import { hueOf } from "./hues";
import { KINDS } from "./kinds";
import type { Drawn } from "./kinds/kind";
import type { Context } from "./plan";

const readerZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

type Surroundings = Pick<Context, "hueOf" | "readerZone">;

/** The colours kept in this browser, and its reader's zone. */
export const around = (): Surroundings => ({ hueOf, readerZone: readerZone() });

/** An answer as its widget wants it drawn: the same for the page, for a picture and for a reader that hears it. */
export function drawnOf(
  widget: Widget,
  answer: Answer,
  metrics: Metric[],
  label: string,
  surroundings: Surroundings = around(),
): Drawn {
  return KINDS[widget.kind].draw({ frame: frameOf(answer, metrics), widget, ...surroundings }, label);
}
