import { TriangleAlert, Undo2, X } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import { classes } from "./classes";
import { dismissNotice, type Notice, undoNewest, undoNotice, useNotices } from "./notices";

const SHOWN_MS = 10_000;

const isWriting = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

/** What has just been done, at the foot of the page. Ctrl/Cmd-Z undoes the newest, wherever focus is but in a field. */
export function Notices() {
  const notices = useNotices();
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
      if (isUndo && !isWriting(event.target) && undoNewest()) event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <section
      aria-label="Notices"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-[60] grid justify-items-center gap-2 px-3 pb-4"
    >
      {notices.map((notice) => (
        <Line key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function Line({ notice }: { notice: Notice }) {
  const [isHeld, setHeld] = useState(false);
  useEffect(() => {
    // While it is pointed at or has focus it stays; what went wrong stays until somebody has read it.
    if (isHeld || notice.isTrouble) return;
    const timer = setTimeout(() => dismissNotice(notice.id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld, notice.id, notice.isTrouble]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: being pointed at only keeps it on the screen.
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className={classes(
        "pointer-events-auto flex max-w-full animate-[appear_120ms_ease-out] items-center gap-2 rounded-[10px] border py-1.5 pr-1.5 pl-3.5 text-body shadow-sheet",
        notice.isTrouble ? "border-bad bg-bad-soft text-ink" : "border-line bg-surface",
      )}
    >
      {notice.isTrouble && <TriangleAlert className="size-4 shrink-0 text-bad" aria-hidden />}
      <span className="min-w-0 [overflow-wrap:anywhere]">{notice.text}</span>
      {notice.undo && (
        <Button data-undo aria-keyshortcuts="Control+Z Meta+Z" onClick={() => void undoNotice(notice)}>
          <Undo2 className="size-3.5" aria-hidden />
          Undo
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => dismissNotice(notice.id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}
