import type { Settled } from "./conversation";

/** What the person has answered, a line each, for a list that is laid out in two columns. */
export function SettledLines({ settled }: { settled: Settled[] }) {
  return settled.map(({ question, answer }, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the same may be asked in two rounds; lines are only ever added.
    <div key={index} className="col-span-2 grid grid-cols-subgrid">
      <dt className="truncate text-ink">{question.words ? `“${question.words}”` : question.text}</dt>
      <dd className="min-w-0 text-faint [overflow-wrap:anywhere]">you said: {answer}</dd>
    </div>
  ));
}

/** The answers of earlier rounds, above what is still asked. */
export function SettledList({ settled }: { settled: Settled[] }) {
  if (settled.length === 0) return null;
  return (
    <dl
      aria-label="Answered so far"
      className="grid grid-cols-[fit-content(46%)_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-small"
    >
      <SettledLines settled={settled} />
    </dl>
  );
}
