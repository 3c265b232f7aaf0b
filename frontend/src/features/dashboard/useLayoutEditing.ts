import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { useResetDashboard, useSaveDashboard } from "@/api/dashboards";
import { ProblemError, problemOf } from "@/api/problem";
import type { Dashboard, Problem, Tile } from "@/api/types";

export interface LayoutEditing {
  /** The arrangement in hand; null while nobody arranges. */
  draft: Tile[] | null;
  /** Something was moved, and is not saved. */
  isChanged: boolean;
  isSaving: boolean;
  /** Someone saved first: nothing was written, the arrangement is still in hand. */
  hasConflict: boolean;
  problem: Problem | null;
  begin: () => void;
  change: (tiles: Tile[]) => void;
  cancel: () => void;
  save: () => Promise<void>;
  /** Back to arranging, with nothing written and nothing dropped. */
  keepArranging: () => void;
  takeTheirs: () => Promise<void>;
  saveOverTheirs: () => Promise<void>;
  reset: () => Promise<void>;
}

const isConflict = (error: unknown) => error instanceof ProblemError && error.problem.status === 412;

/** Arranging a dashboard: a draft that is saved over the version it began from, and over no other. */
export function useLayoutEditing(dashboard: Dashboard | undefined): LayoutEditing {
  const client = useQueryClient();
  const saving = useSaveDashboard();
  const resetting = useResetDashboard();
  const [began, setBegan] = useState<Dashboard | null>(null);
  const [draft, setDraft] = useState<Tile[] | null>(null);
  const error = saving.error ?? resetting.error;
  const key = ["dashboard", dashboard?.dashboard_id];

  const { reset: forgetSaving } = saving;
  const stop = useCallback(() => {
    setDraft(null);
    setBegan(null);
    forgetSaving();
  }, [forgetSaving]);

  const saveOver = async (base: Dashboard | null | undefined) => {
    if (!base || !draft) return;
    try {
      await saving.mutateAsync({ ...base, tiles: draft });
      stop();
    } catch {
      // Kept in `saving.error`, with the draft still in hand.
    }
  };

  return {
    draft,
    isChanged: draft !== null && JSON.stringify(draft) !== JSON.stringify(began?.tiles),
    isSaving: saving.isPending || resetting.isPending,
    hasConflict: isConflict(saving.error),
    problem: error && !isConflict(error) ? problemOf(error) : null,
    begin: () => {
      if (!dashboard) return;
      setBegan(dashboard);
      setDraft(dashboard.tiles);
    },
    change: setDraft,
    cancel: stop,
    save: () => saveOver(began),
    keepArranging: saving.reset,
    takeTheirs: async () => {
      await client.refetchQueries({ queryKey: key });
      stop();
    },
    saveOverTheirs: async () => {
      await client.refetchQueries({ queryKey: key });
      await saveOver(client.getQueryData<Dashboard>(key));
    },
    reset: async () => {
      if (!dashboard) return;
      stop();
      try {
        await resetting.mutateAsync(dashboard.dashboard_id);
      } catch {
        // Kept in `resetting.error`.
      }
    },
  };
}
