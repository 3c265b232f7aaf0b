import { Undo2 } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { useDashboards } from "@/api/dashboards";
import { useMay } from "@/api/session";
import type { Widget } from "@/api/types";
import { paths, useAddress } from "@/app/address";
import { tidySpec } from "@/question/edits";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { Trouble } from "@/ui/Trouble";
import type { WordsRequest } from "@/widgets/wordsPlace";
import { PreviewPane } from "./PreviewPane";
import { Talk } from "./Talk";
import { type Clarifier, useClarifier } from "./useClarifier";
import { useDraftFromWords } from "./useDraftFromWords";
import { useKeepWidget } from "./useKeepWidget";
import { useWidgetInHand } from "./useWidgetInHand";

interface WordsDialogProps {
  request: WordsRequest;
  /** The dashboard that is shown; null on another page. */
  here: string | null;
  renderReceipt: (receiptId: string) => ReactNode;
  onClose: () => void;
}

/** Words that came to nothing leave the widget of before them: it is not what was asked for, until it is changed by hand. */
function useOutdated({ refusal, asked, problem }: Clarifier, widget: Widget | null): boolean {
  const turn = refusal ?? asked ?? problem;
  const [seen, setSeen] = useState<{ turn: unknown; widget: Widget | null }>({ turn: null, widget: null });
  if (turn !== seen.turn) setSeen({ turn, widget });
  return turn !== null && turn === seen.turn && widget !== null && widget === seen.widget;
}

/** The session lives in the URL while it asks, so that a reload goes on with it. */
function useSessionInUrl(sessionId: string | null) {
  const { write } = useAddress();
  useEffect(() => write({ ask: sessionId }, { replace: true }), [sessionId, write]);
}

/** Words on the left, what comes of them on the right. Nothing is saved before the one button that says so. */
export function WordsDialog({ request, here, renderReceipt, onClose }: WordsDialogProps) {
  const { editing } = request;
  const field = useRef<HTMLTextAreaElement>(null);
  const keepButton = useRef<HTMLButtonElement>(null);
  const hand = useWidgetInHand(editing?.tile.widget ?? null);
  const clarifier = useClarifier(hand.put);
  const isOutdated = useOutdated(clarifier, hand.widget);
  const keeping = useKeepWidget();
  const drafting = useDraftFromWords();
  const navigate = useNavigate();
  const dashboards = useDashboards().data ?? [];
  const mayKeep = useMay("save");
  const [chosen, setChosen] = useState<string | null>(null);
  const target = chosen ?? here ?? dashboards[0]?.dashboard_id ?? null;
  const label = dashboards.find((each) => each.dashboard_id === target)?.label ?? "the dashboard";
  const { begin, resume, asked, result, isBusy } = clarifier;
  useSessionInUrl(asked ? clarifier.sessionId : null);

  const first = useRef(request);
  useEffect(() => {
    const { words, sessionId: held, editing: edited } = first.current;
    if (held) resume(held);
    else if (words) begin(words, edited?.tile.widget ?? null);
  }, [begin, resume]);

  // While the server still speaks, the button waits as well: a press that does nothing would be lost.
  const isReady = !isBusy && !isOutdated && !keeping.isSaving && (!editing || hand.isChanged);
  const mayPress = mayKeep && isReady && hand.widget !== null;
  const isTold = result !== null && !isBusy;
  // What was answered is gone from the page: the next thing to do gets the focus it had.
  useEffect(() => {
    if (isTold && document.activeElement?.matches("body,[role=dialog]")) keepButton.current?.focus();
  }, [isTold]);

  const keep = async () => {
    if (!mayPress || !hand.widget) return;
    const widget = tidySpec(hand.widget);
    if (
      editing
        ? await keeping.save(widget, editing.tile, editing.dashboardId)
        : target && (await keeping.add(widget, target, label))
    )
      onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void keep();
  };

  return (
    <Dialog
      open
      onClose={onClose}
      title={editing ? "Edit widget" : mayKeep ? "Add widget" : "Ask"}
      large
      initialFocus={field}
      footer={
        <>
          {hand.canUndo && (
            <Button look="ghost" className="mr-auto" onClick={hand.undo}>
              <Undo2 className="size-3.5" aria-hidden />
              Undo change
            </Button>
          )}
          {!mayKeep && (
            <span className="text-label text-soft">Adding it to a dashboard needs the role editor.</span>
          )}
          {mayKeep && !editing && dashboards.length > 1 && (
            <label className="flex min-w-0 items-center gap-2 text-label text-soft max-sm:w-full">
              <span>Dashboard</span>
              <select
                className={`${FIELD} max-sm:flex-1`}
                value={target ?? ""}
                onChange={(event) => setChosen(event.target.value)}
              >
                {dashboards.map((each) => (
                  <option key={each.dashboard_id} value={each.dashboard_id}>
                    {each.label}
                  </option>
                ))}
              </select>
            </label>
          )}
          <Button onClick={onClose}>{mayKeep ? "Cancel" : "Close"}</Button>
          {mayKeep && (
            <Button
              ref={keepButton}
              look="primary"
              aria-keyshortcuts="Control+Enter Meta+Enter"
              disabled={!mayPress}
              onClick={() => void keep()}
            >
              {keeping.isSaving ? "Saving…" : editing ? "Save" : "Add to dashboard"}
            </Button>
          )}
        </>
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a shortcut of the whole dialog; its button is in the footer. */}
      <div
        onKeyDown={onKeyDown}
        className="grid min-h-0 flex-1 content-start overflow-y-auto border-line border-t lg:grid-cols-[minmax(0,5fr)_minmax(0,7fr)] lg:content-stretch lg:overflow-hidden"
      >
        <div className="grid content-start gap-4 px-5 py-4 lg:overflow-y-auto">
          {keeping.problem && <Trouble sentence={keeping.problem.detail} mend={keeping.problem.mend} />}
          {drafting.problem && <Trouble sentence={drafting.problem.detail} mend={drafting.problem.mend} />}
          <Talk
            clarifier={clarifier}
            hand={hand}
            isEditing={editing !== undefined}
            firstWords={request.words ?? ""}
            field={field}
            isDrafting={drafting.isPending}
            onDraft={(words) =>
              drafting.draft(words, (draftId) => {
                onClose();
                void navigate(paths.drafts(draftId));
              })
            }
          />
        </div>
        <div className="border-line border-t bg-bg px-5 py-4 lg:overflow-y-auto lg:border-t-0 lg:border-l">
          <PreviewPane
            widget={hand.widget}
            explains={result?.explains ?? false}
            isOutdated={isOutdated}
            renderReceipt={renderReceipt}
          />
        </div>
      </div>
    </Dialog>
  );
}
