import { useEffect, useRef, useState } from "react";
import { problemOf } from "@/api/problem";
import { survey } from "@/api/surveys";
import type { Problem, Survey } from "@/api/types";

interface Reading {
  /** What is being read; null while nothing is. */
  connectionId: string | null;
  /** How far it is. */
  line: string;
  problem: Problem | null;
  begin: (connectionId: string) => void;
  cancel: () => void;
}

/** One reading at a time, told line by line; it ends with the page, or where somebody cancels it. */
export function useReading(onDone: (survey: Survey) => void): Reading {
  const [connectionId, setConnectionId] = useState<string | null>(null);
  const [line, setLine] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const under = useRef<AbortController | null>(null);
  const cancel = () => {
    under.current?.abort();
    under.current = null;
    setConnectionId(null);
  };
  useEffect(() => () => under.current?.abort(), []);
  const begin = (wanted: string) => {
    cancel();
    const mine = new AbortController();
    under.current = mine;
    setProblem(null);
    setLine("Connecting");
    setConnectionId(wanted);
    survey(wanted, setLine, mine.signal)
      .then(onDone)
      .catch((error: unknown) => {
        if (mine.signal.aborted) return;
        setConnectionId(null);
        setProblem(problemOf(error));
      });
  };
  return { connectionId, line, problem, begin, cancel };
}
