/** A session of the clarifier as the page holds it: what it said so far, folded event by event. */
import type {
  Asked,
  ClarifyEvent,
  ClarifyGap,
  ClarifySession,
  QuestionsEvent,
  RefusalEvent,
  ResultEvent,
  StageEvent,
} from "@/api/clarifyEvents";
import { ProblemError } from "@/api/problem";
import type { Problem } from "@/api/types";

export interface Settled {
  question: Asked;
  /** The answer as it read on the screen. */
  answer: string;
}

export interface Conversation {
  words: string;
  sessionId: string | null;
  /** Whether the server is still speaking. */
  isBusy: boolean;
  stages: StageEvent[];
  gaps: ClarifyGap[];
  asked: QuestionsEvent | null;
  /** What was just answered: open again where the answers did not get through. */
  pending: QuestionsEvent | null;
  settled: Settled[];
  result: ResultEvent | null;
  refusal: RefusalEvent | null;
  problem: Problem | null;
}

export const SILENT: Conversation = {
  words: "",
  sessionId: null,
  isBusy: false,
  stages: [],
  gaps: [],
  asked: null,
  pending: null,
  settled: [],
  result: null,
  refusal: null,
  problem: null,
};

export const begunWith = (words: string): Conversation => ({ ...SILENT, words, isBusy: true });

/** A stage that was told to begin is told again when it is over: then it stands once. */
function told(stages: StageEvent[], stage: StageEvent): StageEvent[] {
  const last = stages.at(-1);
  const isOver = last?.stage === stage.stage && last.ms === null;
  return [...(isOver ? stages.slice(0, -1) : stages), stage];
}

/** The same session after one more event. */
export function hear(held: Conversation, event: ClarifyEvent): Conversation {
  switch (event.event) {
    case "stage":
      return { ...held, sessionId: event.session_id, stages: told(held.stages, event) };
    case "gaps":
      return { ...held, gaps: event.gaps };
    case "questions":
      return { ...held, asked: event, pending: null };
    case "result":
      return { ...held, result: event, asked: null };
    case "refusal":
      return { ...held, refusal: event, asked: null };
    case "error":
      return failed(held, event.problem);
  }
}

/** The session once the person has answered: its questions are settled and the server goes on. */
export function answered(held: Conversation, answers: Record<string, string>): Conversation {
  const questions = held.asked?.questions ?? [];
  const settled = questions.flatMap((question) => {
    const value = answers[question.id];
    if (value === undefined) return [];
    const chosen = question.choices.find((choice) => choice.value === value);
    return [{ question, answer: chosen?.label ?? value }];
  });
  return {
    ...held,
    isBusy: true,
    asked: null,
    pending: held.asked,
    gaps: [],
    stages: [],
    problem: null,
    settled: [...held.settled, ...settled],
  };
}

/** The session where something went wrong: what was being answered can be answered again. */
export function failed(held: Conversation, problem: Problem): Conversation {
  const lost = new Set(held.pending?.questions.map((question) => question.id));
  return {
    ...held,
    isBusy: false,
    problem,
    asked: held.asked ?? held.pending,
    pending: null,
    settled: held.settled.filter(({ question }) => !lost.has(question.id)),
  };
}

/** A session read back from the server, as if it had just been heard, with what was answered in between. */
export function resumed({ words, session_id: sessionId, answers, events }: ClarifySession): Conversation {
  const heard = events.reduce<Conversation>(
    // Where the server goes on after questions, the person has answered them.
    (held, event) => hear(held.asked && event.event === "stage" ? answered(held, answers) : held, event),
    { ...begunWith(words), sessionId },
  );
  return { ...heard, isBusy: false };
}

/** Whether the server stopped speaking without having said what comes of it. */
export const isBroken = ({ result, refusal, asked, problem }: Conversation): boolean =>
  !result && !refusal && !asked && !problem;

export const brokenOff = () =>
  new ProblemError({
    type: "about:blank",
    title: "Broken off",
    status: 0,
    kind: "stream_broken",
    detail: "The server stopped speaking before it was done.",
    mend: "Nothing is lost: go on where it stopped.",
  });
