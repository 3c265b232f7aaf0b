import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { answerQuestions, clarify, fetchSession } from "@/api/clarify";
import type { ClarifyEvent } from "@/api/clarifyEvents";
import { problemOf } from "@/api/problem";
import type { Widget } from "@/api/types";
import {
  answered,
  begunWith,
  brokenOff,
  type Conversation,
  failed,
  hear,
  isBroken,
  resumed,
  SILENT,
} from "./conversation";

export interface Clarifier extends Conversation {
  begin: (words: string, editing: Widget | null) => void;
  answer: (answers: Record<string, string>) => void;
  /** Goes on with a session of the server: after a reload, or when the line broke. */
  resume: (sessionId: string) => void;
  forget: () => void;
}

/** One session at a time: a new one ends the one before. */
export function useClarifier(onWidget: (widget: Widget) => void): Clarifier {
  const [held, setHeld] = useState(SILENT);
  const present = useRef(SILENT);
  const line = useRef<AbortController | null>(null);
  const told = useRef(onWidget);
  told.current = onWidget;

  const put = useCallback((next: Conversation) => {
    present.current = next;
    setHeld(next);
  }, []);

  const listen = useCallback(
    async (start: Conversation, open: (signal: AbortSignal) => AsyncGenerator<ClarifyEvent>) => {
      line.current?.abort();
      const own = new AbortController();
      line.current = own;
      put(start);
      const change = (next: Conversation) => {
        if (!own.signal.aborted) put(next);
      };
      try {
        for await (const event of open(own.signal)) {
          if (own.signal.aborted) return;
          change(hear(present.current, event));
          if (event.event === "result") told.current(event.widget);
        }
        if (isBroken(present.current)) throw brokenOff();
        change({ ...present.current, isBusy: false });
      } catch (error) {
        change(failed(present.current, problemOf(error)));
      }
    },
    [put],
  );

  useEffect(() => () => line.current?.abort(), []);

  return {
    ...held,
    ...useMemo(
      () => ({
        begin: (words: string, editing: Widget | null) =>
          void listen(begunWith(words), (signal) => clarify(words, editing, signal)),
        answer: (answers: Record<string, string>) => {
          const { sessionId, asked } = present.current;
          if (sessionId === null) return;
          void listen(answered(present.current, answers), (signal) =>
            answerQuestions(sessionId, answers, asked?.round ?? null, signal),
          );
        },
        resume: (sessionId: string) => {
          line.current?.abort();
          const own = new AbortController();
          line.current = own;
          put({ ...present.current, isBusy: true, problem: null });
          fetchSession(sessionId).then(
            (session) => {
              // Newer words may have been said meanwhile: then this is of the past.
              if (own.signal.aborted) return;
              const next = resumed(session);
              put(isBroken(next) ? { ...next, problem: brokenOff().problem } : next);
              if (next.result) told.current(next.result.widget);
            },
            (error) => {
              if (!own.signal.aborted) put(failed(present.current, problemOf(error)));
            },
          );
        },
        forget: () => {
          line.current?.abort();
          line.current = null;
          put(SILENT);
        },
      }),
      [listen, put],
    ),
  };
}
