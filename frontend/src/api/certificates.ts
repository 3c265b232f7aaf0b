import { useQuery } from "@tanstack/react-query";
import { api, told } from "./client";

export const certificateKey = (certificateId: string | null) => ["certificate", certificateId] as const;

/** A comparison as it was kept. Nothing in it ever changes but that somebody accepts what it says. */
export const useCertificate = (certificateId: string | null) =>
  useQuery({
    queryKey: certificateKey(certificateId),
    enabled: certificateId !== null,
    queryFn: ({ signal }) =>
      told(
        api.GET("/v1/routes/certificates/{certificate_id}", {
          params: { path: { certificate_id: certificateId ?? "" } },
          signal,
        }),
      ),
  });
