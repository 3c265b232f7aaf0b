import { Check, LoaderCircle } from "lucide-react";
import type { StageEvent } from "@/api/clarifyEvents";

const milliseconds = (ms: number) => (ms < 1 ? "<1 ms" : `${Math.round(ms)} ms`);

/** What the server is doing, in one quiet line; told aloud elsewhere. */
export function Stages({ stages, isBusy }: { stages: StageEvent[]; isBusy: boolean }) {
  if (stages.length === 0 && !isBusy) return null;
  const whole = stages.reduce((sum, stage) => sum + (stage.ms ?? 0), 0);
  return (
    <details className="text-small text-faint">
      <summary className="inline-flex list-none items-center gap-1.5 rounded select-none [&::-webkit-details-marker]:hidden">
        {isBusy ? (
          <LoaderCircle className="size-3.5 animate-spin" aria-hidden />
        ) : (
          <Check className="size-3.5 text-good" aria-hidden />
        )}
        {isBusy
          ? (stages.at(-1)?.label ?? "Reading the words")
          : `${stages.length} ${stages.length === 1 ? "stage" : "stages"} in ${milliseconds(whole)}`}
      </summary>
      <ol className="mt-1 grid gap-0.5 pl-5">
        {stages.map((stage, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: stages are only ever added at the end.
          <li key={index} className="flex max-w-[23.077rem] justify-between gap-4">
            <span>{stage.label}</span>
            <span>{stage.ms === null ? "…" : milliseconds(stage.ms)}</span>
          </li>
        ))}
      </ol>
    </details>
  );
}
