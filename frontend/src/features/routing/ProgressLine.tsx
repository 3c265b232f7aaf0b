import type { Progress } from "@/api/comparing";
import type { Metric } from "@/api/types";
import { grainWords } from "./words";

interface ProgressLineProps {
  progress: Progress | undefined;
  metric?: Metric | undefined;
  label: string;
  /** What is said while nothing is known of it. */
  before?: string;
}

/** How far a comparison has come: grains done of grains in all. Without word from the stream it only says that it goes on. */
export function ProgressLine({ progress, metric, label, before = "comparing…" }: ProgressLineProps) {
  const isKnown = progress !== undefined && progress.of > 0;
  const share = isKnown ? progress.done / progress.of : 0;
  return (
    <span className="grid w-full min-w-24 gap-1">
      <span
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={isKnown ? progress.of : undefined}
        aria-valuenow={isKnown ? progress.done : undefined}
        aria-valuetext={isKnown ? `${progress.done} of ${progress.of} grains` : "beginning"}
        className="block h-1 overflow-hidden rounded-full bg-sunken"
      >
        <span
          className="block h-full rounded-full bg-accent transition-[width] duration-200 motion-safe:animate-pulse"
          style={{ width: isKnown ? `${Math.max(4, share * 100)}%` : "30%" }}
        />
      </span>
      <span aria-hidden className="truncate text-mark text-faint">
        {isKnown
          ? `${progress.done} of ${progress.of} · ${grainWords(progress.grain, metric).toLowerCase()}`
          : before}
      </span>
    </span>
  );
}
