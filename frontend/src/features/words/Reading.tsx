import { Bot, WholeWord } from "lucide-react";
import type { ReadBy, ResultEvent } from "@/api/clarifyEvents";
import { useMetrics } from "@/api/metrics";
import type { Metric } from "@/api/types";
import type { Settled } from "./conversation";
import { Lessons } from "./Lessons";
import { Notes } from "./Notes";
import { SettledLines } from "./SettledList";

const ICONS: Record<ReadBy, typeof Bot> = { words: WholeWord, model: Bot, "words and model": Bot };

/** Who read the words, and what became of the other; the notes say why a model had no say. */
function readers({ read_by, notes }: ResultEvent, settled: Settled[]): string {
  if (read_by === "model") return "Read by the model, checked against the catalog";
  if (read_by === "words and model") return "Read by the words and the model, which agree";
  const wasOffered = settled.some(({ question }) =>
    question.choices.some((choice) => choice.value === "reading:model"),
  );
  if (wasOffered) return "Read by the words; the model’s reading was not taken";
  return notes.length > 0 ? "The words alone decided" : "Read by the words alone, no model";
}

type Accounted = ResultEvent["accounted"][number];

/** Names as people know them: a metric's and a dimension's label. */
function meaning({ became, means }: Accounted, metrics: Metric[]): string {
  if (became === "metric") {
    return `the metric ${metrics.find((each) => each.metric_id === means)?.label ?? means}`;
  }
  if (became === "dimension") {
    const known = metrics.flatMap((metric) => metric.dimensions).find((each) => each.name === means);
    return `split by ${(known?.label ?? means).toLowerCase()}`;
  }
  return became === "filter" && means.includes("=") ? `only where ${means}` : became;
}

/** What was understood, word by word, and who understood it. */
export function Reading({ result, settled }: { result: ResultEvent; settled: Settled[] }) {
  const metrics = useMetrics().data ?? [];
  const Icon = ICONS[result.read_by];
  const weighty = result.accounted.filter((each) => each.became !== "nothing" && each.became !== "joining");
  return (
    <section aria-label="What was read" className="grid gap-2.5">
      <p className="text-said leading-snug [overflow-wrap:anywhere]">{result.sentence}</p>
      <p className="flex items-center gap-1.5 text-small text-faint">
        <Icon className="size-3.5" aria-hidden />
        {readers(result, settled)}
      </p>
      <Notes notes={result.notes} />
      {weighty.length + settled.length > 0 && (
        <dl
          aria-label="How each word was understood"
          className="grid grid-cols-[fit-content(46%)_minmax(0,1fr)] gap-x-3 gap-y-0.5 text-small"
        >
          {weighty.map((each, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a word may stand twice, in the order it was said.
            <div key={index} className="col-span-2 grid grid-cols-subgrid">
              <dt className="truncate text-ink">“{each.mended ?? each.words}”</dt>
              <dd className="min-w-0 text-faint [overflow-wrap:anywhere]">
                {each.mended && `read as “${each.words}”: `}
                {meaning(each, metrics)}
              </dd>
            </div>
          ))}
          <SettledLines settled={settled} />
        </dl>
      )}
      <Lessons settled={settled} />
    </section>
  );
}
