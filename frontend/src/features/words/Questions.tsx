import { type FormEvent, useEffect, useId, useRef, useState } from "react";
import type { Asked, QuestionsEvent } from "@/api/clarifyEvents";
import { Button } from "@/ui/Button";
import { Notes } from "./Notes";
import { useChoiceKeys } from "./useChoiceKeys";

interface QuestionsProps {
  asked: QuestionsEvent;
  onAnswer: (answers: Record<string, string>) => void;
  /** The person says it in words of their own. */
  onReword: (question: Asked, words: string) => void;
}

/** What must be known before anything is shown. The last answer sends them all. */
export function Questions({ asked, onAnswer, onReword }: QuestionsProps) {
  const [answers, setAnswers] = useState<Record<string, string>>({});
  const open = asked.questions.find((question) => !(question.id in answers));
  const pick = (question: Asked, value: string) => {
    const next = { ...answers, [question.id]: value };
    setAnswers(next);
    // Which of two readings is meant settles whatever else is open.
    const isSettled = question.kind === "reading" || asked.questions.every((each) => each.id in next);
    if (isSettled) onAnswer(next);
  };
  return (
    <section aria-label="Questions" className="grid gap-4">
      {asked.questions.map((question) => (
        <QuestionChoices
          key={question.id}
          question={question}
          picked={answers[question.id]}
          isNext={question.id === open?.id}
          onPick={(value) => pick(question, value)}
          onReword={(words) => onReword(question, words)}
        />
      ))}
      <p className="text-small text-faint">
        {nextWords(asked.questions.filter(({ id }) => !(id in answers)))}
      </p>
      <Notes notes={asked.notes} />
      {asked.round > 1 && (
        <p className="text-small text-faint">
          Round {asked.round} of at most {asked.of}
        </p>
      )}
    </section>
  );
}

/** What comes of a choice, so that nobody chooses into the dark. */
function nextWords(open: Asked[]): string {
  if (open.length > 1) return `${open.length} to answer; then the widget is drawn, and nothing is saved yet.`;
  const way = open.some(({ choices }) => choices.length > 0) ? "Choose one" : "Say it in other words";
  return `${way}, and the widget is drawn beside it; nothing is saved yet.`;
}

interface ChoicesProps {
  question: Asked;
  picked: string | undefined;
  isNext: boolean;
  onPick: (value: string) => void;
  onReword: (words: string) => void;
}

function QuestionChoices({ question, picked, isNext, onPick, onReword }: ChoicesProps) {
  const id = useId();
  const group = useRef<HTMLDivElement>(null);
  const onKeyDown = useChoiceKeys();
  useEffect(() => {
    if (!isNext) return;
    const inside = group.current?.querySelector<HTMLElement>("button,input");
    inside?.focus();
  }, [isNext]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset's legend cannot be laid out like this heading.
    <div
      ref={group}
      role="group"
      aria-labelledby={id}
      className="grid gap-2 rounded-[11px] border border-line bg-bg p-3"
    >
      <p id={id} className="font-medium">
        {question.text}
      </p>
      {question.choices.length > 0 && (
        // biome-ignore lint/a11y/noStaticElementInteractions: the buttons inside take the keys; this only moves focus between them.
        <div className="grid gap-1" onKeyDown={onKeyDown}>
          {question.choices.map((choice, index) => (
            <button
              key={choice.value}
              type="button"
              data-choice
              aria-pressed={picked === choice.value}
              tabIndex={index === 0 ? 0 : -1}
              onClick={() => onPick(choice.value)}
              className="flex items-center gap-2.5 rounded-[8px] border border-line bg-surface px-2.5 py-1.5 text-left hover:border-line-strong aria-pressed:border-accent aria-pressed:bg-accent-soft"
            >
              <kbd aria-hidden className="w-4 shrink-0 text-center font-sans text-mark text-faint">
                {index < 9 ? index + 1 : ""}
              </kbd>
              <span className="min-w-0 [overflow-wrap:anywhere]">{choice.label}</span>
            </button>
          ))}
        </div>
      )}
      <Reword question={question} onReword={onReword} />
    </div>
  );
}

function Reword({ question, onReword }: { question: Asked; onReword: (words: string) => void }) {
  const [words, setWords] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (words.trim()) onReword(words.trim());
  };
  const label = question.words ? `Other words for “${question.words}”` : "Say it in other words";
  return (
    <form onSubmit={submit} className="flex gap-1.5">
      <input
        aria-label={label}
        placeholder={`${label}…`}
        value={words}
        maxLength={200}
        onChange={(event) => setWords(event.target.value)}
        className="min-w-0 flex-1 rounded-[8px] border border-line bg-surface px-2.5 py-1 outline-offset-1"
      />
      {words.trim() && <Button type="submit">Use these</Button>}
    </form>
  );
}
