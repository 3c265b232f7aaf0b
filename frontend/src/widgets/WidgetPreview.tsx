import type { Widget } from "@/api/types";
import { WidgetTile } from "./WidgetTile";

const HEIGHTS: Record<Widget["kind"], string> = {
  kpi: "h-[140px]",
  trend: "h-[250px]",
  bar: "h-[260px]",
  breakdown: "h-[220px]",
  table: "h-[280px]",
};

/** A widget alone, alive, at the size it would have on a dashboard. */
export function WidgetPreview({ widget }: { widget: Widget }) {
  return (
    <div className={HEIGHTS[widget.kind]}>
      <WidgetTile widget={widget} />
    </div>
  );
}
