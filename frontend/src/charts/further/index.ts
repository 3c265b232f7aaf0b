/** The kinds that come with the first tile that wants one. A new one is a file, a line here, and its look in `kinds/`. */
import type { Answer, Metric } from "@/api/types";
import { around, type Surroundings } from "../drawn";
import { frameOf } from "../frame";
import type { FurtherWidget } from "../kinds";
import type { FurtherKind } from "../kinds/kind";
import type { Context } from "../plan";
import { cohort } from "./cohort";
import { combo } from "./combo";
import type { FurtherDrawn } from "./drawn";
import { heatmap } from "./heatmap";
import { histogram } from "./histogram";
import { map } from "./map";
import { multiples } from "./multiples";
import { pivot } from "./pivot";
import { scatter } from "./scatter";

const DRAWINGS: Record<FurtherKind, (context: Context, label: string) => FurtherDrawn> = {
  combo,
  scatter,
  histogram,
  heatmap,
  pivot,
  multiples,
  map,
  cohort,
};

export const furtherOf = (
  widget: FurtherWidget,
  answer: Answer,
  metrics: Metric[],
  label: string,
  surroundings: Surroundings = around(),
): FurtherDrawn => DRAWINGS[widget.kind]({ frame: frameOf(answer, metrics), widget, ...surroundings }, label);
