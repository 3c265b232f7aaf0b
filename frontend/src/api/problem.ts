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

function localProblem(
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

export const unanswered = (seconds: number) =>
  localProblem(
    "server_silent",
    0,
    "No answer in time",
    `The Assay server did not answer within ${seconds} s.`,
    "Ask again; the page also asks by itself.",
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

/** The problem that a refusal carries, or one made for an answer that no Assay server gives. */
export function problemFrom(response: Response, body: unknown): Problem {
  if (typeof body === "object" && body !== null) {
    const told = body as Partial<Problem>;
    if (typeof told.kind === "string" && typeof told.detail === "string") {
      return { ...told, mend: told.mend ?? null, status: told.status ?? response.status } as Problem;
    }
  }
  const words = `${response.status} ${response.statusText}`.trim();
  return localProblem(
    "unexpected_response",
    response.status,
    "Unexpected response",
    `The server answered ${words}.`,
    null,
  );
}
