/** The keyboard's way of arranging tiles: the same physics as dragging. Loaded with the editing grid only. */
import { getCompactor, type LayoutItem, moveElement } from "react-grid-layout/core";
import type { Tile } from "@/api/types";

const COLUMNS = 12;
const SMALLEST = { w: 2, h: 2 };
const TALLEST = 12;

export type Step = "left" | "right" | "up" | "down";

const MOVES: Record<Step, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export const layoutOf = (tiles: Tile[]): LayoutItem[] =>
  tiles.map(({ widget_id, x, y, w, h }) => ({
    i: widget_id,
    x,
    y,
    w,
    h,
    minW: SMALLEST.w,
    minH: SMALLEST.h,
  }));

/** Puts the places of a layout back on the tiles, which keep their order and their widgets. */
export function placed(tiles: Tile[], layout: readonly LayoutItem[]): Tile[] {
  const places = new Map(layout.map((item) => [item.i, item]));
  return tiles.map((tile) => {
    const place = places.get(tile.widget_id);
    return place ? { ...tile, x: place.x, y: place.y, w: place.w, h: place.h } : tile;
  });
}

/** One step: moves a tile, or with `resize` grows and shrinks it. The others make room. */
export function stepTile(tiles: Tile[], widgetId: string, step: Step, resize: boolean): Tile[] {
  const [dx, dy] = MOVES[step];
  const layout = layoutOf(tiles);
  const item = layout.find((each) => each.i === widgetId);
  if (!item) return tiles;
  const compactor = getCompactor("vertical");
  if (resize) {
    item.w = clamp(item.w + dx, SMALLEST.w, COLUMNS - item.x);
    item.h = clamp(item.h + dy, SMALLEST.h, TALLEST);
    return placed(tiles, compactor.compact(layout, COLUMNS));
  }
  // Downwards one row is less than the tile below is high: it has to pass it whole.
  const below = layout.filter(
    (each) => each.y >= item.y + item.h && each.x < item.x + item.w && item.x < each.x + each.w,
  );
  const stride = step === "down" ? Math.max(1, Math.min(...below.map((each) => each.h), TALLEST)) : 1;
  const x = clamp(item.x + dx, 0, COLUMNS - item.w);
  const y = Math.max(0, item.y + dy * stride);
  const moved = moveElement(layout, item, x, y, true, false, "vertical", COLUMNS);
  return placed(tiles, compactor.compact(moved, COLUMNS));
}

export function placeWords(tile: Tile): string {
  return `column ${tile.x + 1}, row ${tile.y + 1}, ${tile.w} wide, ${tile.h} high`;
}
