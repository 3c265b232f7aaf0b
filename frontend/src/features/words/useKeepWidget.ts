import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { useChangeDashboard } from "@/api/dashboards";
import { problemOf } from "@/api/problem";
import { useAddWidget, useChangeWidget, useDeleteWidget, useSavedWidgets } from "@/api/savedWidgets";
import type { Problem, Tile, Widget } from "@/api/types";
import { paths, useAddress } from "@/app/address";
import { KINDS } from "@/charts/kinds";
import { notify } from "@/ui/notices";
import { makeRoom } from "@/widgets/makeRoom";
import { announceArrival } from "@/widgets/wordsPlace";

const isSame = (one: Widget, other: Widget) => JSON.stringify(one) === JSON.stringify(other);

/** A figure that became a chart gets the room that a chart needs; those below make way. */
function roomy(tile: Tile, { kind }: Widget): Tile {
  if (tile.widget.kind === kind) return tile;
  const { least } = KINDS[kind];
  const w = Math.max(tile.w, least.w);
  return { ...tile, w, h: Math.max(tile.h, least.h), x: Math.min(tile.x, 12 - w) };
}

interface Keeping {
  isSaving: boolean;
  problem: Problem | null;
  /** True when it was saved; why it was not stands in `problem`. */
  add: (widget: Widget, dashboardId: string, label: string) => Promise<boolean>;
  save: (widget: Widget, tile: Tile, dashboardId: string) => Promise<boolean>;
}

/** The two things that keep a widget: *Add to dashboard*, and *Save* of one that is edited. Both can be undone. */
export function useKeepWidget(): Keeping {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { pathNow } = useAddress();
  const saved = useSavedWidgets().data ?? [];
  const adding = useAddWidget();
  const changing = useChangeWidget();
  const placing = useChangeDashboard();
  const deleting = useDeleteWidget();
  const error = adding.error ?? changing.error ?? placing.error;

  const add = async (widget: Widget, dashboardId: string, label: string) => {
    const added = await adding.mutateAsync({ widget, dashboard_id: dashboardId });
    announceArrival(added.widget_id);
    if (pathNow() !== paths.dashboard(dashboardId)) await navigate(paths.dashboard(dashboardId));
    notify({
      text: `${added.label} was added to ${label}.`,
      undo: async () => {
        const without = (tiles: Tile[]) => tiles.filter((tile) => tile.widget_id !== added.widget_id);
        await placing.mutateAsync({ dashboardId, change: without });
        await deleting.mutateAsync(added.widget_id);
      },
    });
  };

  /** A tile that shows a saved widget as it is saved changes with it; any other changes on its own. */
  const put = async (widget: Widget, from: Widget, tile: Tile, dashboardId: string) => {
    const held = saved.find((each) => each.widget_id === tile.widget_id && isSame(each.widget, from));
    if (held) {
      const { dashboards } = await changing.mutateAsync({ saved: held, widget });
      await client.refetchQueries({ queryKey: ["dashboard", dashboardId] });
      if (dashboards.includes(dashboardId) && widget.kind === from.kind) return;
    }
    const changed = (tiles: Tile[]) =>
      makeRoom(
        tiles.map((each) => (each.widget_id === tile.widget_id ? { ...roomy(tile, widget), widget } : each)),
        tile.widget_id,
      );
    await placing.mutateAsync({ dashboardId, change: changed });
  };

  const save = async (widget: Widget, tile: Tile, dashboardId: string) => {
    await put(widget, tile.widget, tile, dashboardId);
    announceArrival(tile.widget_id);
    const back = (tiles: Tile[]) =>
      tiles.map((each) => (each.widget_id === tile.widget_id ? { ...each, widget: tile.widget } : each));
    notify({
      text: "The widget was changed.",
      undo: () => placing.mutateAsync({ dashboardId, change: back }),
    });
  };

  const told = async (work: Promise<void>) => {
    try {
      await work;
      return true;
    } catch {
      // Kept in the mutations' own errors, which stand in `problem`.
      return false;
    }
  };

  return {
    isSaving: adding.isPending || changing.isPending || placing.isPending,
    problem: error ? problemOf(error) : null,
    add: (...given) => told(add(...given)),
    save: (...given) => told(save(...given)),
  };
}
