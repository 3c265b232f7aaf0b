import { type KeyboardEvent, useState } from "react";
import ReactGridLayout, { useContainerWidth } from "react-grid-layout";
import "react-grid-layout/css/styles.css";
import { useMetrics } from "@/api/metrics";
import type { Filter, Tile, WindowChoice } from "@/api/types";
import { tileTitle } from "@/widgets/tileWords";
import { WidgetTile } from "@/widgets/WidgetTile";
import { layoutOf, placed, placeWords, type Step, stepTile } from "./moveTile";
import { COLUMNS, GAP, inReadingOrder, ROW_REM } from "./TileGrid";

interface EditGridProps {
  tiles: Tile[];
  window: WindowChoice | null;
  filters: Filter[];
  onChange: (tiles: Tile[]) => void;
}

const STEPS: Record<string, Step> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

const rowHeight = () =>
  ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize || "13");

/** The dashboard while it is arranged: by dragging, or by the arrow keys. The numbers stay alive meanwhile. */
export function EditGrid({ tiles, window, filters, onChange }: EditGridProps) {
  const { width, containerRef, mounted } = useContainerWidth();
  const metrics = useMetrics().data ?? [];
  const [said, setSaid] = useState("");

  const onKeyDown = (event: KeyboardEvent, tile: Tile) => {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const next = stepTile(tiles, tile.widget_id, step, event.shiftKey);
    onChange(next);
    const moved = next.find((each) => each.widget_id === tile.widget_id);
    if (moved) setSaid(placeWords(moved));
  };

  return (
    <div ref={containerRef} className="edit-grid">
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
      {mounted && (
        <ReactGridLayout
          width={width}
          layout={layoutOf(tiles)}
          gridConfig={{ cols: COLUMNS, rowHeight: rowHeight(), margin: [GAP, GAP], containerPadding: [0, 0] }}
          onLayoutChange={(layout) => {
            const next = placed(tiles, layout);
            if (JSON.stringify(next) !== JSON.stringify(tiles)) onChange(next);
          }}
        >
          {inReadingOrder(tiles).map((tile) => (
            <div key={tile.widget_id}>
              <div inert className="h-full">
                <WidgetTile widget={tile.widget} tileId={tile.widget_id} window={window} filters={filters} />
              </div>
              <button
                type="button"
                aria-label={`Arrange ${tileTitle(tile.widget, metrics, false)}: ${placeWords(tile)}`}
                aria-describedby="arrange-how"
                onKeyDown={(event) => onKeyDown(event, tile)}
                className="absolute inset-0 cursor-grab rounded-[11px] outline-1 outline-offset-[-1px] outline-line-strong outline-dashed hover:bg-accent-soft focus-visible:outline-2 focus-visible:outline-accent focus-visible:outline-solid active:cursor-grabbing"
              />
            </div>
          ))}
        </ReactGridLayout>
      )}
    </div>
  );
}
