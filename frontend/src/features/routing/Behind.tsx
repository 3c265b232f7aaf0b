import type { Comparison } from "@/api/types";
import { clockText } from "@/format/times";
import { spanText } from "./words";

interface BehindProps {
  comparison: Comparison;
  timezone: string;
}

/** Which side holds older data and by how much, on one line of time from the window's start to its end. */
export function Behind({ comparison, timezone }: BehindProps) {
  const { behind, question } = comparison;
  if (!behind) return null;
  const ahead = behind.backend === comparison.from ? comparison.to : comparison.from;
  const newest = /[Z+]/.test(behind.newest.slice(10)) ? behind.newest : `${behind.newest}Z`;
  const end = Date.parse(newest) + behind.seconds * 1000;
  const start = question.window ? Date.parse(question.window.start) : end - behind.seconds * 4000;
  const reached = Math.min(98, Math.max(2, ((Date.parse(newest) - start) / (end - start)) * 100));
  return (
    <section
      aria-label="Which side is behind"
      className="grid gap-1.5 rounded-lg bg-stale-soft p-3 text-label"
    >
      <p>
        <b className="font-medium">
          {behind.backend} is {spanText(behind.seconds)} behind.
        </b>{" "}
        Its newest row is of {clockText(newest, timezone)} {timezone}; up to there the two agree.
      </p>
      <div
        aria-hidden
        className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-2.5 gap-y-1 text-mark"
      >
        <span className="text-soft">{ahead}</span>
        <span className="h-2 rounded bg-(--others)" />
        <span className="text-soft">{behind.backend}</span>
        <span className="flex h-2 overflow-hidden rounded">
          <span className="bg-(--others)" style={{ width: `${reached}%` }} />
          <span className="flex-1 rounded-r border border-stale border-dashed" />
        </span>
      </div>
    </section>
  );
}
