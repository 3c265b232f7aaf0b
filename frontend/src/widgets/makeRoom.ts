import type { Tile } from "@/api/types";

const overlap = (one: Tile, other: Tile) =>
  one.x < other.x + other.w &&
  other.x < one.x + one.w &&
  one.y < other.y + other.h &&
  other.y < one.y + one.h;

/** Tiles that a tile has grown over, or was put back upon, go below it; and those below them in turn. */
export function makeRoom(tiles: Tile[], widgetId: string): Tile[] {
  const fixed = tiles.filter((tile) => tile.widget_id === widgetId);
  const others = tiles.filter((tile) => tile.widget_id !== widgetId).sort((a, b) => a.y - b.y);
  const placed = [...fixed];
  for (const tile of others) {
    let next = tile;
    for (
      let hit = placed.find((each) => overlap(each, next));
      hit;
      hit = placed.find((each) => overlap(each, next))
    )
      next = { ...next, y: hit.y + hit.h };
    placed.push(next);
  }
  const byId = new Map(placed.map((tile) => [tile.widget_id, tile]));
  return tiles.map((tile) => byId.get(tile.widget_id) ?? tile);
}
