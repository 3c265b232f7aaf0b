import { type ReactNode, useId } from "react";
import { classes } from "@/ui/classes";
import type { Alarm } from "./SourceBadge";

const EDGES: Record<Alarm, string> = { stale: "border-stale/60", differs: "border-bad/60" };

interface TileFrameProps {
  title: string;
  /** Stands for the title where it does more than name the tile. */
  heading?: ReactNode;
  subtitle?: string | null;
  tools?: ReactNode;
  /** One line under the title: what the reader must know before the number. */
  note?: string | null;
  foot?: ReactNode;
  isSelected?: boolean;
  isBusy?: boolean;
  /** Something is not as it should be: its edge says so, and its foot says what. */
  alarm?: Alarm | null;
  /** What stands in it is no answer to what is asked now: it is dimmed, and nothing in it can be pressed. */
  isOutdated?: boolean;
  /** Content may be taller than the tile: then it scrolls, and the keyboard can scroll it. */
  scrolls?: boolean;
  children: ReactNode;
}

/** The frame that every number stands in: title above, hallmark below. */
export function TileFrame({
  title,
  heading,
  subtitle,
  tools,
  note,
  foot,
  isSelected,
  isBusy,
  alarm = null,
  isOutdated = false,
  scrolls,
  children,
}: TileFrameProps) {
  const id = useId();
  return (
    <article
      aria-labelledby={id}
      aria-busy={isBusy}
      className={classes(
        "tile flex h-full min-w-0 flex-col rounded-[11px] border bg-surface px-3.5 pt-2.5 pb-2 transition-[border-color,box-shadow]",
        isSelected
          ? "border-accent shadow-[0_0_0_3px_var(--accent-soft)]"
          : alarm
            ? EDGES[alarm]
            : "border-line",
      )}
    >
      <header className="flex min-h-7 items-center justify-between gap-1">
        <h2
          id={id}
          className="flex min-w-0 flex-wrap items-baseline gap-x-1.5 text-label leading-[1.3] font-medium"
          title={subtitle ? `${title}, ${subtitle}` : title}
        >
          <span className="line-clamp-2 min-w-0 max-w-full [overflow-wrap:anywhere]">{heading ?? title}</span>
          {subtitle && <span className="min-w-0 max-w-full truncate font-normal text-faint">{subtitle}</span>}
        </h2>
        {tools && <div className="-mr-1.5 flex shrink-0 items-center">{tools}</div>}
      </header>
      {note && (
        <p className="-mt-0.5 truncate text-mark leading-4 text-stale" title={note}>
          {note}
        </p>
      )}
      {scrolls ? (
        <section
          aria-label={`${title}, values`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
          tabIndex={0}
          inert={isOutdated}
          className={classes(
            "tile-scroll relative min-h-0 flex-1 overflow-auto bg-surface",
            isOutdated && "opacity-35",
          )}
        >
          {children}
        </section>
      ) : (
        <div
          inert={isOutdated}
          className={classes("min-h-0 flex-1 overflow-hidden", isOutdated && "opacity-35")}
        >
          {children}
        </div>
      )}
      <footer className="mt-auto flex min-h-[1.692rem] items-center pt-1 text-mark">{foot}</footer>
    </article>
  );
}
