import { classes } from "./classes";

/** A stand-in of the same size as what is coming. */
export function Skeleton({ className }: { className?: string }) {
  return <div aria-hidden className={classes("skeleton", className)} />;
}

/** Lines of a page that is loading, with words for whoever does not see them. */
export function LoadingLines({ label, lines = 6 }: { label: string; lines?: number }) {
  return (
    <div role="status" className="grid gap-2.5 py-2">
      <span className="sr-only">{label}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are alike and never move.
        <Skeleton key={line} className={line % 3 === 2 ? "h-4 w-2/3" : "h-4 w-full"} />
      ))}
    </div>
  );
}
