import type { Widget } from "@/api/types";
import { bar } from "./bar";
import { breakdown } from "./breakdown";
import type { Kind } from "./kind";
import { kpi } from "./kpi";
import { table } from "./table";
import { trend } from "./trend";

/** Every kind of widget that the server knows: the compiler refuses a page that lacks one. */
export const KINDS: Record<Widget["kind"], Kind> = { kpi, trend, bar, breakdown, table };
