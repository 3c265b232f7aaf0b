import { memo, type ReactNode, useEffect } from "react";
import type { Question, Tile, WindowChoice } from "@/api/types";
import { KINDS } from "@/charts/kinds";
import { isHero } from "@/charts/running";
import { WidgetTile } from "@/widgets/WidgetTile";
import { announceArrival, useArrival } from "@/widgets/wordsPlace";
import type { PageFilters } from "./usePageFilters";

export const COLUMNS = 12;
/** In the size of the reader's text. */
export const ROW_REM = 4.769;
export const GAP = 12;

/** Reading order is top to bottom, left to right, on every width. */
export const inReadingOrder = (tiles: Tile[]): Tile[] => [...tiles].sort((a, b) => a.y - b.y || a.x - b.x);

function place(tile: Tile) {
  return {
    "--x": tile.x + 1,
    "--w": tile.w,
    // On half a screen small tiles stand in pairs and the rest take a whole row.
    "--half": tile.w <= 3 ? 3 : 6,
    "--y": tile.y + 1,
    "--h": tile.h,
    "--narrow": isHero(tile.widget) ? "23.846rem" : KINDS[tile.widget.kind].phoneHeight,
    "--phone": tile.widget.kind === "kpi" && !isHero(tile.widget) ? 1 : 2,
  } as React.CSSProperties;
}

interface TileGridProps {
  tiles: Tile[];
  window: WindowChoice | null;
  filters: PageFilters;
  onRows: (metricId: string, label: string, question: Question) => void;
  onExplain: (metricId: string, label: string, question: Question) => void;
  /** What can be done with a tile here, as items of its menu. */
  actionsOf: (tile: Tile) => ReactNode;
}

/** The tile that has just been set or changed comes into view and gets the focus. */
function useShowArrival(tiles: Tile[]) {
  const arrived = useArrival();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the tile may come with a later version of the tiles.
  useEffect(() => {
    const element = arrived && document.querySelector<HTMLElement>(`[data-tile="${CSS.escape(arrived)}"]`);
    if (!element) return;
    // After the dialog has given focus back to where it was.
    const frame = requestAnimationFrame(() => {
      element.scrollIntoView({ block: "nearest", behavior: "smooth" });
      element.focus({ preventScroll: true });
      announceArrival(null);
    });
    return () => cancelAnimationFrame(frame);
  }, [arrived, tiles]);
}

/** The dashboard as it is read: the saved places on a wide page, a flow on a narrower one. */
export const TileGrid = memo(function TileGrid({
  tiles,
  window,
  filters,
  onRows,
  onExplain,
  actionsOf,
}: TileGridProps) {
  useShowArrival(tiles);
  return (
    <div className="@container">
      <div className="tile-grid">
        {inReadingOrder(tiles).map((tile) => (
          <div
            key={tile.widget_id}
            data-tile={tile.widget_id}
            data-fits={KINDS[tile.widget.kind].scrolls || undefined}
            tabIndex={-1}
            style={place(tile)}
            className="min-w-0 rounded-[11px]"
          >
            <WidgetTile
              widget={tile.widget}
              tileId={tile.widget_id}
              window={window}
              filters={filters.filters}
              onPick={filters.pick}
              onRows={onRows}
              onExplain={onExplain}
              more={actionsOf(tile)}
            />
          </div>
        ))}
      </div>
    </div>
  );
});
