/** A workspace begun here: a connection that was named is read, its metrics are looked at, those that are chosen are written. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import { listen } from "./events";
import { ProblemError } from "./problem";
import type { Survey, SurveyEvent } from "./types";

export const useConnections = () =>
  useQuery({
    queryKey: ["survey-connections"],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/surveys/connections", { signal }))).connections,
  });

/** Reads a connection; `tell` hears how far it is. Whoever ends the signal ends the reading. */
export async function survey(
  connectionId: string,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<Survey> {
  const events = listen<SurveyEvent>("/v1/surveys", { connection_id: connectionId }, signal);
  for await (const each of events) {
    if (each.event === "survey") return each.survey;
    if (each.event === "error") throw new ProblemError(each.problem);
    tell(each.text);
  }
  throw new DOMException("The reading ended before anything was told.", "AbortError");
}

export const useSurvey = (surveyId: string) =>
  useQuery({
    queryKey: ["survey", surveyId],
    queryFn: ({ signal }) =>
      told(api.GET("/v1/surveys/{survey_id}", { params: { path: { survey_id: surveyId } }, signal })),
    // It stays as it was read; what was typed over it is not asked for again.
    staleTime: Number.POSITIVE_INFINITY,
  });

/** What an offered metric answers. Its provenance says that it is a draft. */
export const useOfferedAnswer = (surveyId: string, metricId: string) =>
  useQuery({
    queryKey: ["survey-answer", surveyId, metricId],
    queryFn: ({ signal }) =>
      told(
        api.POST("/v1/surveys/{survey_id}/metrics/{metric_id}/data", {
          params: { path: { survey_id: surveyId, metric_id: metricId } },
          signal,
        }),
      ),
    staleTime: Number.POSITIVE_INFINITY,
  });

interface Chosen {
  surveyId: string;
  metrics: { metric_id: string; label: string }[];
}

/** Writes what was chosen, all or nothing. */
export function useTakeSurvey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ surveyId, metrics }: Chosen) =>
      told(
        api.POST("/v1/surveys/{survey_id}/take", {
          params: { path: { survey_id: surveyId } },
          body: { metrics },
        }),
      ),
    onSuccess: () =>
      Promise.all(
        ["metrics", "workspace", "dashboards", "dictionary", "routes"].map((key) =>
          askAgain(client, { queryKey: [key] }),
        ),
      ),
  });
}
