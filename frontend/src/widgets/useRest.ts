import { useQueries } from "@tanstack/react-query";
import type { Answer, Metric } from "@/api/types";
import { belongs, type RestWanted, restQuestion } from "@/charts/rest";
import { answerQuery } from "./useWidgetData";

/** What the engine tells of what a drawing leaves out; undefined where nothing is wanted or nothing came. */
export function useRest(answer: Answer, wanted: RestWanted | null, metrics: Metric[]): Answer | undefined {
  const questions = wanted ? [restQuestion(answer, wanted)] : [];
  const [told] = useQueries({ queries: questions.map((question) => answerQuery(question, metrics)) });
  return told?.data && belongs(told.data, answer) ? told.data : undefined;
}
