import { useCallback, useState } from "react";
import type { Widget } from "@/api/types";
import { tidySpec } from "@/question/edits";

export interface WidgetInHand {
  /** What is previewed, and what would be saved. */
  widget: Widget | null;
  put: (widget: Widget) => void;
  undo: () => void;
  canUndo: boolean;
  isChanged: boolean;
}

interface History {
  began: Widget | null;
  past: Widget[];
  widget: Widget | null;
}

const written = (widget: Widget | null) => (widget ? JSON.stringify(tidySpec(widget)) : "");

/** The one spec that words and form both change, step by step and back. */
export function useWidgetInHand(began: Widget | null): WidgetInHand {
  const [held, setHeld] = useState<History>({ began, past: [], widget: began });
  const put = useCallback(
    (widget: Widget) =>
      setHeld((now) => ({
        ...now,
        past: now.widget && written(now.widget) !== written(widget) ? [...now.past, now.widget] : now.past,
        widget,
      })),
    [],
  );
  const undo = useCallback(
    () => setHeld((now) => ({ ...now, past: now.past.slice(0, -1), widget: now.past.at(-1) ?? now.widget })),
    [],
  );
  return {
    widget: held.widget,
    put,
    undo,
    canUndo: held.past.length > 0,
    isChanged: written(held.widget) !== written(held.began),
  };
}
