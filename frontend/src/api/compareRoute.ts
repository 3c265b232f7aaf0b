import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { conditionsOf } from "./asked";
import { certificateKey } from "./certificates";
import { api, told } from "./client";
import type { Comparison, Receipt } from "./types";

const KEY = ["compare-route"];

export interface Comparing {
  metricId: string;
  to: string;
}

/** Asks a metric on the backend that serves it and on another. Takes as long as the slower of the two. */
export function useCompareRoute() {
  const client = useQueryClient();
  return useMutation({
    mutationKey: KEY,
    mutationFn: ({ metricId, to }: Comparing): Promise<Comparison> =>
      told(
        api.POST("/v1/routes/{metric_id}/compare", {
          params: { path: { metric_id: metricId } },
          body: { to },
        }),
      ),
    onSuccess: (found) => client.setQueryData(certificateKey(found.certificate_id), found),
    onSettled: (_, __, { metricId }) =>
      Promise.all([
        askAgain(client, { queryKey: ["routes"] }),
        askAgain(client, { queryKey: ["route", metricId] }),
      ]),
  });
}

/** The newest comparison of a metric that this page has asked for, wherever on the page that was. */
export function useLastCompared(metricId: string) {
  const asked = useMutationState({
    filters: { mutationKey: KEY },
    select: ({ state }) => ({
      comparing: state.variables as Comparing | undefined,
      status: state.status,
      error: state.error,
    }),
  });
  return asked.filter((each) => each.comparing?.metricId === metricId).at(-1);
}

/** Asks one very question on the backend that serves it and on another: what is found counts for that question alone. */
export function useCompareQuestion() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ question, to }: { question: Receipt["question"]; to: string }): Promise<Comparison> => {
      const { dimensions, grain, compare, order, limit } = question;
      return told(
        api.POST("/v1/routes/{metric_id}/compare", {
          params: { path: { metric_id: question.metrics[0] ?? "" } },
          body: {
            to,
            question: {
              ...conditionsOf(question),
              dimensions,
              grain,
              compare,
              order,
              limit,
            },
          },
        }),
      );
    },
    onSuccess: (found) => client.setQueryData(certificateKey(found.certificate_id), found),
  });
}
