import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { aMetric, aSession, aWorkspace } from "./examples";

export const at = (path: string) => `http://assay.test${path}`;

/** What every page asks for; a test adds its own on top. */
export const server = setupServer(
  http.get(at("/v1/workspace"), () => HttpResponse.json(aWorkspace())),
  http.get(at("/v1/session"), () => HttpResponse.json(aSession())),
  http.get(at("/v1/metrics"), () => HttpResponse.json({ metrics: [aMetric()] })),
  http.get(at("/v1/colours"), () => HttpResponse.json({ colours: [] })),
  http.post(at("/v1/colours"), async ({ request }) => {
    const { dimension, values } = (await request.json()) as { dimension: string; values: string[] };
    const hues = Object.fromEntries(values.map((value, at) => [value, (at % 8) + 1]));
    return HttpResponse.json({ dimension, hues, chosen: [] });
  }),
);
