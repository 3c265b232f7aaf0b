import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askAgain } from "./askAgain";
import { api, told } from "./client";

const REPORTS = "reports";
/** Reports leave by the server's clock, of which no message tells. */
const EVERY_MS = 30_000;

/** Reports, when each is sent next, and who gets it. */
export const useReports = () =>
  useQuery({
    queryKey: [REPORTS],
    queryFn: ({ signal }) => told(api.GET("/v1/reports", { signal })),
    refetchInterval: EVERY_MS,
  });

/** The mail as one would get it now; null: it is not asked for. */
export const useReportTried = (reportId: string | null) =>
  useQuery({
    queryKey: ["report tried", reportId],
    queryFn: ({ signal }) =>
      told(
        api.POST("/v1/reports/{report_id}/try", { params: { path: { report_id: reportId ?? "" } }, signal }),
      ),
    enabled: reportId !== null,
    gcTime: 0,
    retry: false,
  });

type Deed =
  | { kind: "choose"; reportId: string; wants: boolean }
  | { kind: "test"; reportId: string; channel: string | null };

async function carryOut(deed: Deed): Promise<unknown> {
  const params = { path: { report_id: deed.reportId } };
  switch (deed.kind) {
    case "choose":
      return told(api.PUT("/v1/reports/{report_id}/mine", { params, body: { wants: deed.wants } }));
    case "test":
      return told(api.POST("/v1/reports/{report_id}/test", { params, body: { channel: deed.channel } }));
  }
}

/** Getting a report or not, and having it sent at once. */
export function useReportDeed() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: carryOut,
    onSettled: () => askAgain(client, { queryKey: [REPORTS] }),
  });
}
