import { Search } from "lucide-react";
import { setPaletteOpen } from "@/ui/paletteState";

const isMac = () => /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Looks like a field, opens the palette: the same one that the keyboard reaches. */
export function PaletteField() {
  return (
    <button
      type="button"
      onClick={() => setPaletteOpen(true)}
      aria-keyshortcuts="Control+K Meta+K"
      className="flex min-w-0 flex-1 basis-36 items-center max-sm:flex-none max-sm:basis-auto gap-2 rounded-[9px] border border-line bg-surface px-2.5 py-[7px] text-left text-faint hover:border-line-strong"
    >
      <Search className="size-4 shrink-0" aria-hidden />
      <span className="min-w-0 flex-1 truncate max-sm:sr-only">Find a metric, a page or an action</span>
      <kbd className="hidden rounded border border-line px-1.5 font-sans text-mark sm:inline">
        {isMac() ? "⌘ K" : "Ctrl K"}
      </kbd>
    </button>
  );
}
