/** A dialog that is, or was, open; loaded when the first one is. */
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";

export interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** Room for two columns; on a phone the whole screen. */
  large?: boolean;
  /** Where focus goes first; the first thing that takes it where nothing is said. */
  initialFocus?: RefObject<HTMLElement | null>;
}

const LARGE =
  "top-0 left-0 h-dvh w-full sm:top-1/2 sm:left-1/2 sm:h-[min(90dvh,820px)] sm:w-[calc(100vw-32px)] sm:max-w-[90.769rem] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-xl sm:border";
const SMALL =
  "top-1/2 left-1/2 max-h-[min(86dvh,760px)] w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 rounded-xl border";

/** A modal dialog: focus stays inside, Esc closes, focus returns to where it was. */
export function OpenDialog({
  open,
  onClose,
  title,
  children,
  footer,
  wide,
  large,
  initialFocus,
}: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-[#0b0d10]/45 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Base.Popup
          initialFocus={initialFocus}
          className={classes(
            "fixed z-50 flex flex-col border-line bg-surface shadow-sheet outline-none transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0",
            large ? LARGE : SMALL,
            !large && (wide ? "max-w-[58.462rem]" : "max-w-[35.385rem]"),
          )}
        >
          <header className="flex items-center justify-between gap-3 px-5 pt-4 pb-2">
            <Base.Title className="text-told font-semibold tracking-tight">{title}</Base.Title>
            <Base.Close render={<IconButton label="Close" />}>
              <X aria-hidden />
            </Base.Close>
          </header>
          <div className={classes("min-h-0 flex-1", large ? "flex flex-col" : "overflow-y-auto px-5 pb-4")}>
            {children}
          </div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-5 py-3">
              {footer}
            </footer>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
