import type { Timings } from "@/api/types";

/** In the order in which they happen. */
const STEPS: Record<string, string> = {
  compile: "var(--s3)",
  gate: "var(--gold)",
  engine: "var(--postgres)",
  receipt: "var(--others)",
  other: "var(--line-strong)",
};

const place = (name: string) =>
  name in STEPS ? Object.keys(STEPS).indexOf(name) : Object.keys(STEPS).length;

function milliseconds(ms: number): string {
  if (ms < 0.05) return "<0.1";
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
}

/** Where the time went, step by step. */
export function TimingsBar({ timings }: { timings: Timings }) {
  const steps = Object.entries(timings).sort(([a], [b]) => place(a) - place(b));
  const total = steps.reduce((sum, [, ms]) => sum + ms, 0);
  if (total === 0) return null;
  return (
    <section aria-label="Timings">
      <div aria-hidden className="flex h-[7px] gap-0.5 overflow-hidden rounded-[3px]">
        {steps.map(([name, ms]) => (
          <i
            key={name}
            className="mark"
            style={{ width: `${(ms / total) * 100}%`, background: STEPS[name] ?? "var(--other)" }}
          />
        ))}
      </div>
      <ul className="mt-1.5 flex flex-wrap justify-between gap-x-3 text-mark text-faint">
        {steps.map(([name, ms], index) => (
          <li key={name}>
            {name} {milliseconds(ms)}
            {index === steps.length - 1 && " ms"}
          </li>
        ))}
      </ul>
    </section>
  );
}
