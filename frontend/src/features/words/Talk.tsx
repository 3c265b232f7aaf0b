import { ChevronRight } from "lucide-react";
import { type Ref, useState } from "react";
import { useMetrics } from "@/api/metrics";
import { Trouble } from "@/ui/Trouble";
import { exampleRequests } from "./examples";
import { Questions } from "./Questions";
import { Reading } from "./Reading";
import { Refusal } from "./Refusal";
import { SettledList } from "./SettledList";
import { SpecForm } from "./SpecForm";
import { Stages } from "./Stages";
import type { Clarifier } from "./useClarifier";
import type { WidgetInHand } from "./useWidgetInHand";
import { WordsField } from "./WordsField";

interface TalkProps {
  clarifier: Clarifier;
  hand: WidgetInHand;
  isEditing: boolean;
  firstWords: string;
  field: Ref<HTMLTextAreaElement>;
  isDrafting: boolean;
  onDraft: (words: string) => void;
}

const CHANGE = "make it weekly, last 90 days";

/** What is told to whoever does not see it. */
function announced({ isBusy, stages, asked, refusal, result, problem }: Clarifier): string {
  if (problem) return problem.detail;
  if (isBusy) return stages.at(-1)?.label ?? "";
  if (asked) return asked.questions.map((question) => question.text).join(" ");
  if (refusal) return refusal.reason;
  return result ? `Preview: ${result.sentence}` : "";
}

/** The left side: words, what the server makes of them, what it must know, and the same by hand. */
export function Talk({ clarifier, hand, isEditing, firstWords, field, isDrafting, onDraft }: TalkProps) {
  const metrics = useMetrics().data ?? [];
  const [words, setWords] = useState(firstWords);
  const [change, setChange] = useState("");
  const { asked, result, refusal, problem, isBusy } = clarifier;
  const say = (said: string) => {
    setWords(said);
    clarifier.begin(said, isEditing ? hand.widget : null);
  };
  const sayChange = (said: string) => {
    setChange("");
    clarifier.begin(said, hand.widget);
  };
  const isUntouched = clarifier.words === "" && !hand.widget;
  const shownWords = words || (isEditing ? "" : clarifier.words);
  return (
    <>
      <WordsField
        ref={field}
        isMain
        label={isEditing ? "What shall change?" : "What do you want to see?"}
        placeholder={isEditing ? CHANGE : (exampleRequests(metrics)[0] ?? "say it in your own words")}
        value={shownWords}
        onChange={setWords}
        onSay={say}
        action={isEditing ? "Change" : "Show"}
      />
      <p role="status" className="sr-only">
        {announced(clarifier)}
      </p>
      {isUntouched && <Examples requests={exampleRequests(metrics)} onPick={say} />}
      <Stages stages={clarifier.stages} isBusy={isBusy} />
      {problem && (
        <Trouble
          sentence={problem.detail}
          mend={problem.mend ?? null}
          onRetry={() => (clarifier.sessionId ? clarifier.resume(clarifier.sessionId) : say(clarifier.words))}
        />
      )}
      {asked && <SettledList settled={clarifier.settled} />}
      {asked && (
        <Questions
          key={`${clarifier.sessionId}:${asked.round}`}
          asked={asked}
          onAnswer={clarifier.answer}
          onReword={(question, other) => say(reworded(clarifier.words, question.words, other))}
        />
      )}
      {refusal && (
        <Refusal
          key={clarifier.sessionId}
          refusal={refusal}
          onNearest={(nearest) => say(nearest.label)}
          onDraft={() => onDraft(clarifier.words)}
          isDrafting={isDrafting}
        />
      )}
      {result && <Reading result={result} settled={clarifier.settled} />}
      {hand.widget && !asked && (
        <>
          {!isEditing && (
            <WordsField
              label="Change it"
              placeholder={CHANGE}
              value={change}
              onChange={setChange}
              onSay={sayChange}
              action="Change"
            />
          )}
          <details open={isEditing} className="group">
            <summary className="flex list-none items-center gap-1 text-label text-soft select-none hover:text-ink [&::-webkit-details-marker]:hidden">
              <ChevronRight className="size-3.5 transition-transform group-open:rotate-90" aria-hidden />
              By hand
            </summary>
            <div className="pt-3">
              <SpecForm widget={hand.widget} onChange={hand.put} />
            </div>
          </details>
        </>
      )}
    </>
  );
}

/** The request with the words in question said differently; beside it where they stand nowhere. */
export function reworded(words: string, asked: string, other: string): string {
  const at = asked ? words.toLowerCase().indexOf(asked.toLowerCase()) : -1;
  if (at < 0) return `${words}, ${other}`;
  return words.slice(0, at) + other + words.slice(at + asked.length);
}

function Examples({ requests, onPick }: { requests: string[]; onPick: (words: string) => void }) {
  if (requests.length === 0) return null;
  return (
    <div className="grid justify-items-start gap-1.5">
      <p className="text-small text-faint">For example</p>
      {requests.map((request) => (
        <button
          key={request}
          type="button"
          onClick={() => onPick(request)}
          className="max-w-full rounded-[8px] border border-line bg-surface px-2.5 py-1 text-left text-soft hover:border-line-strong hover:text-ink"
        >
          {request}
        </button>
      ))}
    </div>
  );
}
