/** What a session of the clarifier says, one message after another. */
import type { Problem, Widget } from "./types";

export type ReadBy = "words" | "model" | "words and model";

export interface StageEvent {
  event: "stage";
  session_id: string;
  stage: string;
  label: string;
  /** Null where it only begins and may take long: the same stage is told again when it is over. */
  ms: number | null;
}

export interface Gap {
  words: string;
  why: string;
}

export interface Choice {
  label: string;
  value: string;
}

export interface Asked {
  id: string;
  kind: string;
  text: string;
  words: string;
  choices: Choice[];
}

export interface QuestionsEvent {
  event: "questions";
  round: number;
  of: number;
  questions: Asked[];
  notes: string[];
}

export interface AccountedWords {
  words: string;
  /** metric, dimension, filter, window, grain ... */
  became: string;
  means: string;
  /** As it was written, where that was a misspelling. */
  mended: string | null;
}

export interface ResultEvent {
  event: "result";
  widget: Widget;
  sentence: string;
  read_by: ReadBy;
  accounted: AccountedWords[];
  notes: string[];
}

export interface Nearest {
  metric_id: string;
  label: string;
}

export interface RefusalEvent {
  event: "refusal";
  code: string;
  reason: string;
  nearest: Nearest[];
  /** Whether the dictionary could express a metric for these words. */
  draft: boolean;
  notes: string[];
}

export type ClarifyEvent =
  | StageEvent
  | { event: "gaps"; gaps: Gap[] }
  | QuestionsEvent
  | ResultEvent
  | RefusalEvent
  | { event: "error"; problem: Problem };

export interface ClarifySession {
  session_id: string;
  words: string;
  editing: Widget | null;
  state: "reading" | "asking" | "ready" | "refused" | "failed";
  round: number;
  events: ClarifyEvent[];
}
