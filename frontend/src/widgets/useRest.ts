import { useQuery } from "@tanstack/react-query";
import { answerKey, ask } from "@/api/answers";
import type { Answer, Metric } from "@/api/types";
import { belongs, type RestWanted, restQuestion } from "@/charts/rest";
import { refreshMs } from "./useWidgetData";

/** What the engine tells of what a drawing leaves out; undefined where nothing is wanted or nothing came. */
export function useRest(answer: Answer, wanted: RestWanted | null, metrics: Metric[]): Answer | undefined {
  const question = wanted && restQuestion(answer, wanted);
  const refresh = question ? refreshMs(question, metrics) : false;
  const { data } = useQuery({
    queryKey: question ? answerKey(question) : ["no rest"],
    queryFn: ({ signal }) => (question ? ask(question, signal) : null),
    enabled: question !== null,
    refetchInterval: refresh,
    staleTime: refresh || Number.POSITIVE_INFINITY,
  });
  return question && data && belongs(data, answer) ? data : undefined;
}
