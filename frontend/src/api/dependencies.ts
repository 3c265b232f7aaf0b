import type { Answer, Question, StreamMessage } from "./types";

/** What the page holds for one question. */
export interface Held {
  question: Question;
  answer: Answer | undefined;
  failed: boolean;
}

/** Whether an answer depends on what a message says has moved. */
export function dependsOn(held: Held, message: StreamMessage): boolean {
  switch (message.kind) {
    case "catalog":
      return true;
    case "routes":
      return message.metrics.some((metric) => held.question.metrics.includes(metric));
    case "data": {
      // Without an answer nothing is known of its tables: asking again is the only way to learn.
      if (held.failed || !held.answer) return true;
      const { backend, source_tables } = held.answer.provenance;
      return backend === message.backend && source_tables.some((table) => message.tables.includes(table));
    }
    case "backends":
      return held.failed || held.answer?.provenance.stale === true;
    // What a decision has written is told as moved data, table by table.
    case "loop":
    // What a comparison means for a standing is told as moved routes.
    case "parity":
    case "hello":
    case "problems":
    case "proposals":
    case "heartbeat":
      return false;
  }
}
