import type { Tile, WindowChoice } from "@/api/types";
import { WidgetTile } from "@/widgets/WidgetTile";

export const COLUMNS = 12;
export const ROW_HEIGHT = 62;
export const GAP = 12;

const NARROW_HEIGHTS: Record<Tile["widget"]["kind"], string> = {
  kpi: "136px",
  trend: "270px",
  bar: "auto",
  breakdown: "auto",
  table: "auto",
};

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
    "--narrow": NARROW_HEIGHTS[tile.widget.kind],
  } as React.CSSProperties;
}

/** The dashboard as it is read: the saved places on a wide page, a flow on a narrower one. */
export function TileGrid({ tiles, window }: { tiles: Tile[]; window: WindowChoice | null }) {
  return (
    <div className="@container">
      <div className="tile-grid">
        {inReadingOrder(tiles).map((tile) => (
          <div key={tile.widget_id} style={place(tile)} className="min-w-0">
            <WidgetTile widget={tile.widget} tileId={tile.widget_id} window={window} />
          </div>
        ))}
      </div>
    </div>
  );
}
