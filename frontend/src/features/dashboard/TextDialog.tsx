import { type FormEvent, useId, useRef, useState } from "react";
import { useChangeDashboard } from "@/api/dashboards";
import { problemOf } from "@/api/problem";
import { useAddWidget } from "@/api/savedWidgets";
import type { Problem, Tile, Widget } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { Trouble } from "@/ui/Trouble";
import { announceArrival } from "@/widgets/wordsPlace";

interface TextDialogProps {
  dashboardId: string;
  /** The tile whose text is changed; null: a new one. */
  tile: Tile | null;
  onClose: () => void;
}

const MOST_LETTERS = 4_000;

/** Writes a text tile, or changes one. */
export function TextDialog({ dashboardId, tile, onClose }: TextDialogProps) {
  const form = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const adding = useAddWidget();
  const changing = useChangeDashboard();
  const [text, setText] = useState(tile?.widget.text ?? "");
  const [problem, setProblem] = useState<Problem | null>(null);
  const isBusy = adding.isPending || changing.isPending;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const widget: Widget = { ...tile?.widget, kind: "text", question: { metrics: [] }, text: text.trim() };
    try {
      if (tile) {
        const change = (tiles: Tile[]) =>
          tiles.map((each) => (each.widget_id === tile.widget_id ? { ...each, widget } : each));
        await changing.mutateAsync({ dashboardId, change });
      } else {
        const { widget_id: id } = await adding.mutateAsync({ widget, dashboard_id: dashboardId });
        announceArrival(id);
      }
      onClose();
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={tile ? "Edit text" : "Add text"}
      initialFocus={field}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} look="primary" disabled={!text.trim() || isBusy}>
            {tile ? "Save" : "Add"}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-3">
        <label className="grid gap-1">
          Text
          <textarea
            ref={field}
            className={`${FIELD} min-h-40`}
            maxLength={MOST_LETTERS}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        <p className="text-small text-soft">
          A line that begins with # is a heading, one that begins with - a point of a list.
        </p>
        {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      </form>
    </Dialog>
  );
}
