import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it } from "vitest";
import { useDashboard } from "@/api/dashboards";
import { createQueryClient } from "@/api/queryClient";
import type { Dashboard } from "@/api/types";
import { stepTile } from "@/features/dashboard/moveTile";
import { useLayoutEditing } from "@/features/dashboard/useLayoutEditing";
import { aDashboard, aKpi, aProblem } from "./examples";
import { at, server } from "./server";

let stored: Dashboard;

beforeEach(() => {
  stored = aDashboard();
  server.use(
    http.get(at("/v1/dashboards/overview"), () => HttpResponse.json(stored)),
    http.put(at("/v1/dashboards/overview"), async ({ request }) => {
      if (request.headers.get("if-match") !== `"${stored.version}"`) {
        return HttpResponse.json(
          aProblem({ status: 412, kind: "dashboard_moved", detail: "Someone saved first." }),
          {
            status: 412,
          },
        );
      }
      const entry = (await request.json()) as Omit<Dashboard, "version" | "edited">;
      // The server takes the entry alone.
      if (Object.hasOwn(entry, "version"))
        return HttpResponse.json(aProblem({ status: 422 }), { status: 422 });
      stored = { ...entry, version: stored.version + 1, edited: true };
      return HttpResponse.json(stored);
    }),
    http.post(at("/v1/dashboards/overview/reset"), () => {
      stored = { ...aDashboard(), version: stored.version + 1 };
      return HttpResponse.json(stored);
    }),
  );
});

async function editing() {
  const client = createQueryClient(() => {});
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(
    () => {
      const dashboard = useDashboard("overview").data;
      return { dashboard, editing: useLayoutEditing(dashboard) };
    },
    { wrapper },
  );
  await waitFor(() => expect(hook.result.current.dashboard).toBeDefined());
  act(() => hook.result.current.editing.begin());
  const now = () => hook.result.current;
  const moveFirst = () =>
    act(() => now().editing.change((now().editing.draft ?? []).map((tile) => ({ ...tile, x: tile.x + 6 }))));
  return { now, moveFirst };
}

describe("saving a layout", () => {
  it("writes over the version it began from", async () => {
    const { now, moveFirst } = await editing();
    moveFirst();
    await act(() => now().editing.save());
    expect(stored.tiles.map((tile) => tile.x)).toEqual([6, 9]);
    await waitFor(() => expect(now().dashboard?.version).toBe(5));
    expect(now().editing.draft).toBeNull();
  });

  it("writes nothing when someone saved first, and keeps the draft in hand", async () => {
    const { now, moveFirst } = await editing();
    moveFirst();
    stored = { ...stored, version: 5, label: "Theirs" };
    await act(() => now().editing.save());
    await waitFor(() => expect(now().editing.hasConflict).toBe(true));
    expect(stored.tiles[0]?.x).toBe(0);
    expect(now().editing.draft?.[0]?.x).toBe(6);
    expect(now().editing.problem).toBeNull();
    act(() => now().editing.keepArranging());
    await waitFor(() => expect(now().editing.hasConflict).toBe(false));
    expect(now().editing.draft?.[0]?.x).toBe(6);
  });

  it("takes theirs where the reader says so", async () => {
    const { now, moveFirst } = await editing();
    moveFirst();
    stored = { ...stored, version: 5, label: "Theirs" };
    await act(() => now().editing.save());
    await act(() => now().editing.takeTheirs());
    await waitFor(() => expect(now().dashboard?.label).toBe("Theirs"));
    expect(now().editing).toMatchObject({ draft: null, hasConflict: false });
  });

  it("writes over theirs where the reader says so, keeping what else they changed", async () => {
    const { now, moveFirst } = await editing();
    moveFirst();
    stored = { ...stored, version: 5, label: "Theirs" };
    await act(() => now().editing.save());
    await act(() => now().editing.saveOverTheirs());
    expect(stored).toMatchObject({ version: 6, label: "Theirs" });
    expect(stored.tiles[0]?.x).toBe(6);
    expect(now().editing.hasConflict).toBe(false);
  });

  it("goes back to the file on reset", async () => {
    const { now, moveFirst } = await editing();
    moveFirst();
    await act(() => now().editing.save());
    await act(() => now().editing.reset());
    await waitFor(() => expect(now().dashboard?.tiles[0]?.x).toBe(0));
  });
});

describe("arranging by key", () => {
  const tiles = aDashboard().tiles;
  const places = (moved: typeof tiles) => moved.map(({ x, y, w, h }) => [x, y, w, h]);

  it("moves a tile and makes room", () => {
    expect(places(stepTile(tiles, "a", "right", false))[0]).toEqual([1, 0, 3, 2]);
    expect(places(stepTile(tiles, "a", "right", false))[1]).toEqual([3, 2, 3, 2]);
  });

  it("moves a tile past the one below it", () => {
    const stacked = [
      { widget_id: "a", x: 0, y: 0, w: 3, h: 2, widget: aKpi() },
      { widget_id: "b", x: 0, y: 2, w: 3, h: 4, widget: aKpi() },
    ];
    expect(places(stepTile(stacked, "a", "down", false))).toEqual([
      [0, 4, 3, 2],
      [0, 0, 3, 4],
    ]);
  });

  it("stays on the grid", () => {
    expect(places(stepTile(tiles, "a", "left", false))[0]).toEqual([0, 0, 3, 2]);
    expect(places(stepTile(tiles, "a", "up", true))[0]).toEqual([0, 0, 3, 2]);
  });

  it("sizes a tile", () => {
    expect(places(stepTile(tiles, "b", "right", true))[1]).toEqual([3, 0, 4, 2]);
    expect(places(stepTile(tiles, "b", "down", true))[1]).toEqual([3, 0, 3, 3]);
  });
});
