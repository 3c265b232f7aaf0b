import type { Problem } from "./types";

/** A refusal of the server in its own words: kind, sentence, mend. */
export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "ProblemError";
    this.problem = problem;
  }

  get kind(): string {
    return this.problem.kind;
  }
}

export function localProblem(
  kind: string,
  status: number,
  title: string,
  detail: string,
  mend: string | null,
): Problem {
  return { type: "about:blank", title, status, kind, detail, mend };
}

export const unreachable = () =>
  localProblem(
    "server_unreachable",
    0,
    "Server unreachable",
    "The Assay server does not answer.",
    "Check that it runs; the page reconnects by itself.",
  );

/** What any thrown thing means to the reader of the page. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return localProblem(
    "page_error",
    0,
    "Something broke on this page",
    detail,
    "Ask again, or reload the page.",
  );
}

export async function problemFrom(response: Response): Promise<Problem> {
  const text = await response.text();
  try {
    const body = JSON.parse(text) as Partial<Problem>;
    if (typeof body.kind === "string" && typeof body.detail === "string") {
      return { ...body, mend: body.mend ?? null, status: body.status ?? response.status } as Problem;
    }
  } catch {
    // Not a problem document: a proxy or a crash answered instead of the server.
  }
  return localProblem(
    "unexpected_response",
    response.status,
    "Unexpected response",
    `The server answered ${response.status} ${response.statusText || ""}`.trim().concat("."),
    null,
  );
}
