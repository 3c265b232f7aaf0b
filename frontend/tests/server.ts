import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { aMetric, aWorkspace } from "./examples";

export const at = (path: string) => `http://assay.test${path}`;

/** What every page asks for; a test adds its own on top. */
export const server = setupServer(
  http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace())),
  http.get(at("/v1/metrics"), () => HttpResponse.json({ metrics: [aMetric()] })),
);
