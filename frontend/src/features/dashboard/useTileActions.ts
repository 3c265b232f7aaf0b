import { useCallback } from "react";
import { useChangeDashboard } from "@/api/dashboards";
import type { SavedWidget, Tile } from "@/api/types";
import { KINDS } from "@/charts/kinds";
import { notify } from "@/ui/notices";
import { makeRoom } from "@/widgets/makeRoom";
import { sayProblem } from "@/widgets/sayProblem";
import { announceArrival } from "@/widgets/wordsPlace";

interface TileActions {
  remove: (tile: Tile, title: string) => Promise<void>;
  /** Sets a saved widget below the other tiles. */
  place: (saved: SavedWidget) => Promise<void>;
}

/** A name of its own for a widget that already stands here. */
function freeName(widgetId: string, tiles: Tile[]): string {
  const taken = new Set(tiles.map((tile) => tile.widget_id));
  if (!taken.has(widgetId)) return widgetId;
  for (let number = 2; ; number++) {
    const name = `${widgetId.slice(0, 58)}-${number}`;
    if (!taken.has(name)) return name;
  }
}

/** What has been deleted takes the focus with it; the way to undo it is the nearest place for it. */
const focusUndo = () =>
  requestAnimationFrame(() => {
    const undos = document.querySelectorAll<HTMLElement>("[data-undo]");
    undos[undos.length - 1]?.focus();
  });

/** Tiles taken off and set on this dashboard, each with its undo. */
export function useTileActions(dashboardId: string): TileActions {
  const { mutateAsync: change } = useChangeDashboard();
  const remove = useCallback(
    async (tile: Tile, title: string) => {
      try {
        await change({
          dashboardId,
          change: (tiles) => tiles.filter((each) => each.widget_id !== tile.widget_id),
        });
      } catch (error) {
        sayProblem(error);
        return;
      }
      notify({
        text: `${title} was taken off the dashboard.`,
        undo: async () => {
          await change({ dashboardId, change: (tiles) => makeRoom([...tiles, tile], tile.widget_id) });
          announceArrival(tile.widget_id);
        },
      });
      focusUndo();
    },
    [change, dashboardId],
  );
  const place = useCallback(
    async (saved: SavedWidget) => {
      let name = saved.widget_id;
      try {
        await change({
          dashboardId,
          change: (tiles) => {
            name = freeName(saved.widget_id, tiles);
            const below = Math.max(0, ...tiles.map((tile) => tile.y + tile.h));
            const size = KINDS[saved.widget.kind].room;
            return [...tiles, { widget_id: name, x: 0, y: below, ...size, widget: saved.widget }];
          },
        });
      } catch (error) {
        sayProblem(error);
        return;
      }
      announceArrival(name);
      notify({
        text: `${saved.label} was added.`,
        undo: () =>
          change({ dashboardId, change: (tiles) => tiles.filter((each) => each.widget_id !== name) }),
      });
    },
    [change, dashboardId],
  );
  return { remove, place };
}
