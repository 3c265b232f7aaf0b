import createClient from "openapi-fetch";
import { ProblemError, problemFrom, unreachable } from "./problem";
import type { paths } from "./schema";

/** The server's endpoints, typed by its own description. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  credentials: "same-origin",
  fetch: async (request) => {
    try {
      return await globalThis.fetch(request);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") throw error;
      throw new ProblemError(unreachable());
    }
  },
});

interface Told<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a call. Throws ProblemError for every refusal, also when nobody answers. */
export async function told<T>(call: Promise<Told<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (!response.ok) throw new ProblemError(problemFrom(response, error));
  return data as T;
}
