import { act, renderHook, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, it, vi } from "vitest";
import { fetchSession } from "@/api/clarify";
import type { ClarifyEvent, ClarifySession, QuestionsEvent, StageEvent } from "@/api/clarifyEvents";
import { readEvents } from "@/api/events";
import type { Widget } from "@/api/types";
import { answered, begunWith, failed, hear, resumed } from "@/features/words/conversation";
import { exampleRequests } from "@/features/words/examples";
import { Questions } from "@/features/words/Questions";
import { reworded } from "@/features/words/Talk";
import { useClarifier } from "@/features/words/useClarifier";
import { WordsDialog } from "@/features/words/WordsDialog";
import { tidySpec, withDimension, withGrain, withKind, withMetric, withOwnFilters } from "@/question/edits";
import { aKpi, aMetric, anAnswer, aProblem } from "./examples";
import { show } from "./page";
import { at, server } from "./server";

const stage = (over: Partial<StageEvent> = {}): StageEvent => ({
  event: "stage",
  session_id: "s1",
  stage: "intent",
  label: "Reading the words",
  ms: 2,
  ...over,
});

const QUESTIONS: QuestionsEvent = {
  event: "questions",
  round: 1,
  of: 3,
  notes: [],
  questions: [
    {
      id: "word:severity",
      kind: "word",
      text: "Which do you mean by “severity”?",
      words: "severity",
      choices: [
        { label: "Priority", value: "dimension:priority" },
        { label: "Leave it out", value: "leave_out" },
      ],
    },
  ],
};

const QUESTION = QUESTIONS.questions[0] as (typeof QUESTIONS.questions)[number];

const SESSION: ClarifySession = {
  session_id: "s1",
  words: "x",
  editing: null,
  state: "asking",
  round: 1,
  answers: {},
  events: [],
};

const RESULT: ClarifyEvent = {
  event: "result",
  widget: aKpi(),
  sentence: "Cost avoided, month to date.",
  read_by: "words",
  accounted: [{ words: "savings", became: "metric", means: "cost_avoided_mtd", mended: "savigns" }],
  notes: ["The model did not answer in time; the words were read without it."],
};

const sent = (...events: ClarifyEvent[]) =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");

describe("a stream of events", () => {
  it("is read as it comes, in pieces of any size", () => {
    const text = sent(stage(), RESULT);
    let rest = "";
    const heard: ClarifyEvent[] = [];
    for (let from = 0; from < text.length; from += 7) {
      const read = readEvents<ClarifyEvent>(rest + text.slice(from, from + 7));
      heard.push(...read.parts);
      rest = read.rest;
    }
    expect(heard).toEqual([stage(), RESULT]);
    expect(rest).toBe("");
  });

  it("passes over comments and takes the other line ends", () => {
    expect(readEvents(`: still here\r\n\r\ndata: ${JSON.stringify(stage())}\r\n\r\n`).parts).toEqual([
      stage(),
    ]);
  });
});

describe("a conversation", () => {
  it("tells a stage once, also when it was told to begin", () => {
    const slow = stage({ stage: "metric", label: "Asking the model", ms: null });
    const heard = [stage(), slow, { ...slow, ms: 1200 }].reduce(hear, begunWith("x"));
    expect(heard.stages.map(({ ms }) => ms)).toEqual([2, 1200]);
    expect(heard.sessionId).toBe("s1");
  });

  it("opens its questions again when the answers did not get through", () => {
    const asking = hear(begunWith("x"), QUESTIONS);
    const lost = failed(answered(asking, { "word:severity": "leave_out" }), aProblem());
    expect(lost.asked).toEqual(QUESTIONS);
    expect(lost.settled).toEqual([]);
  });

  it("is read back as it was heard", () => {
    const events = [stage(), QUESTIONS];
    const back = resumed({ ...SESSION, events });
    expect(back).toMatchObject({ words: "x", sessionId: "s1", isBusy: false, asked: QUESTIONS, settled: [] });
  });

  it("is read back with what was answered before", () => {
    const second = { ...QUESTIONS, round: 2, questions: [{ ...QUESTION, id: "window", words: "" }] };
    const events = [stage(), QUESTIONS, stage(), stage({ stage: "metric" }), second];
    const answers = { "word:severity": "leave_out" };
    const back = resumed({ ...SESSION, round: 2, answers, events });
    expect(back.settled).toEqual([{ question: QUESTION, answer: "Leave it out" }]);
    expect(back.asked).toEqual(second);
    expect(back.stages.map((each) => each.stage)).toEqual(["intent", "metric"]);
  });

  it("is read back with its questions open where the answers did not get through", () => {
    const events: ClarifyEvent[] = [stage(), QUESTIONS, stage(), { event: "error", problem: aProblem() }];
    const back = resumed({ ...SESSION, state: "failed", events });
    expect(back).toMatchObject({ asked: QUESTIONS, settled: [], problem: aProblem() });
  });

  it("says words in question differently, in their place", () => {
    expect(reworded("Claims by Severity, weekly", "severity", "priority")).toBe("Claims by priority, weekly");
    expect(reworded("claims", "", "last week")).toBe("claims, last week");
  });
});

describe("questions", () => {
  it("are answered by arrow and enter", async () => {
    const onAnswer = vi.fn();
    show(<Questions asked={QUESTIONS} onAnswer={onAnswer} onReword={() => {}} />);
    await waitFor(() => expect(screen.getByRole("button", { name: "Priority" })).toHaveFocus());
    await userEvent.keyboard("{ArrowDown}");
    expect(screen.getByRole("button", { name: "Leave it out" })).toHaveFocus();
    await userEvent.keyboard("{Enter}");
    expect(onAnswer).toHaveBeenCalledWith({ "word:severity": "leave_out" });
  });

  it("are sent together once the last is answered", async () => {
    const onAnswer = vi.fn();
    const [first] = QUESTIONS.questions;
    if (!first) throw new Error("no question");
    const second = { ...first, id: "window", text: "Which window?", words: "", choices: first.choices };
    show(
      <Questions
        asked={{ ...QUESTIONS, questions: [first, second] }}
        onAnswer={onAnswer}
        onReword={() => {}}
      />,
    );
    await userEvent.click(within(screen.getByRole("group", { name: /severity/ })).getByText("Priority"));
    expect(onAnswer).not.toHaveBeenCalled();
    await userEvent.click(
      within(screen.getByRole("group", { name: "Which window?" })).getByText("Leave it out"),
    );
    expect(onAnswer).toHaveBeenCalledWith({ "word:severity": "dimension:priority", window: "leave_out" });
  });
});

describe("the form", () => {
  const metrics = [aMetric(), aMetric({ metric_id: "other", dimensions: [] })];
  const bar: Widget = { kind: "bar", question: { metrics: ["cost_avoided_mtd"], dimensions: ["region"] } };

  it("gives a line a grain and takes its order away", () => {
    const line = withKind(bar, "trend", metrics);
    expect(line.question).toMatchObject({ grain: "day", order: [], dimensions: ["region"] });
    expect(withKind(line, "bar", metrics).question.grain).toBeNull();
  });

  it("drops what another metric lacks", () => {
    const filtered = withOwnFilters(bar, [{ dimension: "region", op: "eq", values: ["West"] }]);
    expect(withMetric(filtered, "other", metrics).question).toMatchObject({ dimensions: [], filters: [] });
  });

  it("keeps no series where nothing is left to tell apart", () => {
    const stacked = {
      ...withGrain({ ...bar, kind: "trend" }, "week", metrics),
      series: "region",
      stacked: true,
    };
    expect(withDimension(stacked, 0, "", metrics)).not.toHaveProperty("stacked");
    expect(withDimension(stacked, 0, "", metrics)).not.toHaveProperty("series");
  });

  it("shows a spec without what says nothing", () => {
    const said = {
      ...bar,
      title: null,
      thresholds: [],
      question: { ...bar.question, filters: [], grain: null },
    };
    expect(tidySpec(said)).toEqual(bar);
  });

  it("begins with requests that the catalog can answer", () => {
    expect(exampleRequests([aMetric()])).toEqual(["Cost avoided by region, last 30 days"]);
  });
});

const stream = (path: string, ...events: ClarifyEvent[]) =>
  http.post(at(path), () =>
    HttpResponse.text(sent(...events), { headers: { "content-type": "text/event-stream" } }),
  );

describe("the dialog", () => {
  const dialog = () =>
    show(<WordsDialog request={{}} here="overview" renderReceipt={() => null} onClose={() => {}} />);

  const around = () =>
    server.use(
      http.get(at("/v1/dashboards"), () => HttpResponse.json({ dashboards: [] })),
      http.get(at("/v1/widgets"), () => HttpResponse.json({ widgets: [] })),
      http.post(at("/v1/data"), () =>
        HttpResponse.json({ answers: [{ key: "q0", answer: anAnswer("1410000.00"), problem: null }] }),
      ),
    );

  it("explains the change beside the figure where the reason was asked for", async () => {
    around();
    server.use(
      stream("/v1/widgets/clarify", stage(), { ...RESULT, explains: true }),
      http.post(at("/v1/metrics/:id/explain"), ({ params }) =>
        HttpResponse.json(aProblem(), { status: 422, statusText: String(params.id) }),
      ),
    );
    dialog();
    const field = await screen.findByLabelText("What do you want to see?");
    await userEvent.type(field, "why did savings fall{Enter}");
    expect(await screen.findByRole("region", { name: "Why it changed" })).toBeVisible();
    expect(await screen.findByText(aProblem().detail)).toBeVisible();
  });

  it("goes from words over a question to a preview, and saves nothing", async () => {
    around();
    server.use(
      stream("/v1/widgets/clarify", stage(), QUESTIONS),
      stream("/v1/widgets/clarify/s1/answers", stage(), RESULT),
    );
    dialog();
    const field = await screen.findByLabelText("What do you want to see?");
    await userEvent.type(field, "savigns by severity{Enter}");
    await userEvent.click(await screen.findByText("Leave it out"));
    expect(await screen.findByText("Cost avoided, month to date.")).toBeVisible();
    expect(screen.getByText("The words alone decided")).toBeVisible();
    expect(screen.getByText(/did not answer in time/)).toBeVisible();
    expect(screen.getByText("“savigns”")).toBeVisible();
    expect(await screen.findByText("1.41M", { exact: false })).toBeVisible();
    await waitFor(() => expect(screen.getByRole("button", { name: "Add to dashboard" })).toBeEnabled());
  });

  it("takes no press while the server still speaks, and has the focus as soon as it does", async () => {
    around();
    let end = () => {};
    const body = new ReadableStream({
      start(held) {
        held.enqueue(new TextEncoder().encode(sent(stage(), RESULT)));
        end = () => held.close();
      },
    });
    server.use(
      stream("/v1/widgets/clarify", stage(), QUESTIONS),
      http.post(at("/v1/widgets/clarify/s1/answers"), () => new HttpResponse(body)),
    );
    dialog();
    await userEvent.type(await screen.findByLabelText("What do you want to see?"), "savings{Enter}");
    await userEvent.click(await screen.findByText("Leave it out"));
    expect(await screen.findByText("Cost avoided, month to date.")).toBeVisible();
    const add = screen.getByRole("button", { name: "Add to dashboard" });
    expect(add).toBeDisabled();
    end();
    await waitFor(() => expect(add).toHaveFocus());
    expect(add).toBeEnabled();
  });

  it("says plainly when the server stops in the middle", async () => {
    around();
    server.use(stream("/v1/widgets/clarify", stage()));
    dialog();
    await userEvent.type(await screen.findByLabelText("What do you want to see?"), "savings{Enter}");
    expect(await screen.findByRole("alert")).toHaveTextContent("stopped speaking");
  });

  it("dims what stands from before words that were refused, until it is changed by hand", async () => {
    around();
    const refusal: ClarifyEvent = {
      event: "refusal",
      code: "no_metric",
      reason: "There is no metric for that.",
      nearest: [],
      draft: false,
      notes: [],
    };
    let isRead = false;
    server.use(
      http.post(at("/v1/widgets/clarify"), () => {
        isRead = !isRead;
        return HttpResponse.text(sent(stage(), isRead ? RESULT : refusal));
      }),
    );
    dialog();
    const field = await screen.findByLabelText("What do you want to see?");
    await userEvent.type(field, "savings{Enter}");
    const add = screen.getByRole("button", { name: "Add to dashboard" });
    await waitFor(() => expect(add).toBeEnabled());
    const again = await screen.findByLabelText("Change it");
    await userEvent.clear(again);
    await userEvent.type(again, "unicorns{Enter}");
    await screen.findByRole("region", { name: "Declined" });
    expect(add).toBeDisabled();
    expect(screen.getByText(/^This stands from before/)).toBeVisible();
  });

  it("says why it declines, and goes on with what is nearest", async () => {
    around();
    const asked: unknown[] = [];
    server.use(
      http.post(at("/v1/widgets/clarify"), async ({ request }) => {
        asked.push(await request.json());
        const nearest = [{ metric_id: "cost_avoided_mtd", label: "Cost avoided" }];
        const refusal: ClarifyEvent = {
          event: "refusal",
          code: "no_metric",
          reason: "There is no metric for that.",
          nearest,
          draft: true,
          notes: [],
        };
        return HttpResponse.text(sent(stage(), asked.length === 1 ? refusal : RESULT));
      }),
    );
    dialog();
    await userEvent.type(await screen.findByLabelText("What do you want to see?"), "unicorns{Enter}");
    const declined = await screen.findByRole("region", { name: "Declined" });
    expect(declined).toHaveTextContent("There is no metric for that.");
    expect(within(declined).getByRole("button", { name: "Draft a new metric" })).toBeEnabled();
    await userEvent.click(within(declined).getByRole("button", { name: "Cost avoided" }));
    expect(await screen.findByText("Cost avoided, month to date.")).toBeVisible();
    expect(asked).toEqual([{ words: "unicorns" }, { words: "Cost avoided" }]);
  });
});

describe("an old conversation", () => {
  it("that answers late does not overwrite newer words", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const told = vi.fn();
    server.use(
      http.get(at("/v1/widgets/clarify/s0"), async () => {
        await held;
        return HttpResponse.json({ ...SESSION, session_id: "s0", words: "old words", events: [RESULT] });
      }),
      stream("/v1/widgets/clarify", stage(), QUESTIONS),
    );
    const { result } = renderHook(() => useClarifier(told));
    act(() => result.current.resume("s0"));
    act(() => result.current.begin("new words", null));
    await waitFor(() => expect(result.current.asked).not.toBeNull());
    release();
    // What was asked later has come back: so has what was asked before it.
    await fetchSession("s0");
    await act(async () => {});
    expect(result.current.words).toBe("new words");
    expect(result.current.asked).not.toBeNull();
    expect(told).not.toHaveBeenCalled();
  });
});
