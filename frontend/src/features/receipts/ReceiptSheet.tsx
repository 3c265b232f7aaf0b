import { Dialog } from "@base-ui/react/dialog";
import { Maximize2, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "react-router";
import { paths } from "@/app/address";
import { IconButton } from "@/ui/Button";
import { useMediaQuery } from "@/ui/useMediaQuery";
import { useReturnFocus } from "@/ui/useReturnFocus";
import { useOpenReceipt } from "@/widgets/useOpenReceipt";
import { ReceiptLoader } from "./ReceiptLoader";

interface SheetProps {
  receiptId: string;
  tile: string | null;
  onClose: () => void;
  onOpen: (receiptId: string) => void;
}

const hallmarkOf = (tile: string | null): HTMLElement | null =>
  tile === null ? null : document.querySelector<HTMLElement>(`[data-hallmark="${CSS.escape(tile)}"]`);

/** The receipt beside the page, whichever page that is: `?receipt=` in the URL opens it. */
export function ReceiptSheet() {
  const { receiptId, tile, open, close } = useOpenReceipt();
  const hasRoom = useMediaQuery("(min-width: 73.75rem)");
  if (!receiptId) return null;
  const Sheet = hasRoom ? SheetBeside : SheetOver;
  return (
    <Sheet receiptId={receiptId} tile={tile} onClose={close} onOpen={(id) => open(id, tile ?? undefined)} />
  );
}

function SheetHead({ receiptId, onClose }: { receiptId: string; onClose: () => void }) {
  return (
    <div className="flex items-center justify-between">
      <span className="text-axis tracking-[.14em] text-faint">RECEIPT</span>
      <div className="-mr-2 flex">
        <Link
          to={paths.receipt(receiptId)}
          aria-label="Open as a page"
          title="Open as a page"
          className="grid size-7 place-items-center rounded-md text-faint hover:bg-sunken hover:text-ink"
        >
          <Maximize2 className="size-3.5" aria-hidden />
        </Link>
        <IconButton label="Close receipt" onClick={onClose}>
          <X aria-hidden />
        </IconButton>
      </div>
    </div>
  );
}

/** With room: next to the page, so that the tile stays in view and in reach. */
function SheetBeside({ receiptId, tile, onClose, onOpen }: SheetProps) {
  const sheet = useRef<HTMLElement>(null);
  useReturnFocus(sheet, () => hallmarkOf(tile));
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isInPopup =
        event.target instanceof Element && event.target.closest("[role=dialog],[role=menu]") !== null;
      if (event.key === "Escape" && !event.defaultPrevented && !isInPopup) onClose();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [onClose]);
  return (
    <aside
      ref={sheet}
      aria-label="Receipt"
      tabIndex={-1}
      className="sticky top-0 h-dvh w-[27.692rem] shrink-0 animate-[slide-in_160ms_ease-out] py-3.5 pr-3.5 outline-none"
    >
      <div className="flex h-full flex-col overflow-y-auto rounded-xl border border-line bg-paper px-[18px] py-3 shadow-sheet">
        <SheetHead receiptId={receiptId} onClose={onClose} />
        <div className="flex-1">
          <ReceiptLoader receiptId={receiptId} onOpen={onOpen} />
        </div>
      </div>
    </aside>
  );
}

/** Without room: over the page; on a phone the whole screen. */
function SheetOver({ receiptId, tile, onClose, onOpen }: SheetProps) {
  return (
    <Dialog.Root open onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-30 bg-[#0b0d10]/40" />
        <Dialog.Popup
          finalFocus={() => hallmarkOf(tile) ?? true}
          className="fixed inset-y-0 right-0 z-40 flex w-full flex-col overflow-y-auto overscroll-contain bg-paper px-[18px] py-3 shadow-sheet outline-none sm:w-[32.308rem] sm:border-line sm:border-l"
        >
          <Dialog.Title className="sr-only">Receipt</Dialog.Title>
          <SheetHead receiptId={receiptId} onClose={onClose} />
          <div className="flex-1">
            <ReceiptLoader receiptId={receiptId} onOpen={onOpen} />
          </div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
