import { classes } from "@/ui/classes";

const LOOK: Record<string, string> = {
  "+": "bg-good/10 text-good",
  "-": "bg-bad-soft text-bad",
  "@": "text-faint",
};

/** A unified diff, line by line; the signs say what the colours say. */
export function DiffView({ diff }: { diff: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
    <section aria-label="Differences" tabIndex={0} className="overflow-x-auto rounded-lg bg-sunken p-3">
      <pre className="w-max min-w-full font-mono text-mark leading-[1.55]">
        {diff.split("\n").map((line, index) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: a line has no identity but its place.
            key={index}
            className={classes("min-h-[1.55em]", !/^(\+\+\+|---)/.test(line) && LOOK[line[0] ?? ""])}
          >
            {line}
          </div>
        ))}
      </pre>
    </section>
  );
}
