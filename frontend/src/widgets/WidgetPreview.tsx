import type { Widget } from "@/api/types";
import { KINDS } from "@/charts/kinds";
import { WidgetTile } from "./WidgetTile";

/** A widget alone, alive, at the size it would have on a dashboard. */
export function WidgetPreview({ widget }: { widget: Widget }) {
  return (
    <div className={KINDS[widget.kind].previewHeight}>
      <WidgetTile widget={widget} />
    </div>
  );
}
