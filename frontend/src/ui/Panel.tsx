import { type ReactNode, useId } from "react";
import { classes } from "./classes";

interface PanelProps {
  title: string;
  note?: ReactNode;
  tools?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** A part of a page that is not a number: the same frame as a tile, without its hallmark. */
export function Panel({ title, note, tools, className, children }: PanelProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={classes(
        "flex min-w-0 flex-col rounded-[11px] border border-line bg-surface px-3.5 pt-2.5 pb-3",
        className,
      )}
    >
      <header className="mb-1.5 flex min-h-7 flex-wrap items-center justify-between gap-x-3">
        <h2 id={id} className="flex min-w-0 items-baseline gap-1.5 text-label font-medium">
          {title}
          {note && <span className="font-normal text-faint">{note}</span>}
        </h2>
        {tools}
      </header>
      {children}
    </section>
  );
}
