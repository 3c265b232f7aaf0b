import { type QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";
import type { WatchForm } from "./types";

const WATCHES = "watches";
const MESSAGES = "watch messages";
/** Alerts are checked by the server's clock, of which no message tells. */
const EVERY_MS = 15_000;

/** Alerts as they stand for whoever asks, and the channels. */
export const useWatches = () =>
  useQuery({
    queryKey: [WATCHES],
    queryFn: ({ signal }) => told(api.GET("/v1/watches", { signal })),
    refetchInterval: EVERY_MS,
  });

/** What was sent to whom, newest first. */
export const useWatchMessages = () =>
  useQuery({
    queryKey: [MESSAGES],
    queryFn: async ({ signal }) => (await told(api.GET("/v1/watches/messages", { signal }))).messages,
    refetchInterval: EVERY_MS,
  });

/** What such an alert would have said in the past; null: it cannot be asked yet. */
export const useWatchPast = (form: WatchForm | null) =>
  useQuery({
    queryKey: ["watch past", form],
    queryFn: ({ signal }) => told(api.POST("/v1/watches/try", { body: form as WatchForm, signal })),
    enabled: form !== null,
  });

const anew = (client: QueryClient) =>
  Promise.all([WATCHES, MESSAGES].map((key) => askAgain(client, { queryKey: [key] })));

type Deed =
  | { kind: "mute"; alertId: string; hours: number; reason: string }
  | { kind: "unmute" | "acknowledge" | "drop"; alertId: string }
  | { kind: "send"; messageId: string }
  | { kind: "test"; channel: string }
  | { kind: "make"; form: WatchForm };

async function carryOut(deed: Deed): Promise<unknown> {
  switch (deed.kind) {
    case "mute":
      return told(
        api.PUT("/v1/watches/{alert_id}/mute", {
          params: { path: { alert_id: deed.alertId } },
          body: { hours: deed.hours, reason: deed.reason },
        }),
      );
    case "unmute":
      return told(
        api.DELETE("/v1/watches/{alert_id}/mute", { params: { path: { alert_id: deed.alertId } } }),
      );
    case "acknowledge":
      return told(
        api.POST("/v1/watches/{alert_id}/acknowledge", { params: { path: { alert_id: deed.alertId } } }),
      );
    case "drop":
      return told(api.DELETE("/v1/watches/{alert_id}", { params: { path: { alert_id: deed.alertId } } }));
    case "send":
      return told(
        api.POST("/v1/watches/messages/{message_id}/send-again", {
          params: { path: { message_id: deed.messageId } },
        }),
      );
    case "test":
      return told(api.POST("/v1/watches/channels/{name}/test", { params: { path: { name: deed.channel } } }));
    case "make":
      return told(api.POST("/v1/watches", { body: deed.form }));
  }
}

/** All that people do with alerts, channels and messages. */
export function useWatchDeed() {
  const client = useQueryClient();
  return useMutation({ mutationFn: carryOut, onSettled: () => anew(client) });
}
