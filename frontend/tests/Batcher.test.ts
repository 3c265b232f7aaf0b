import { describe, expect, it, vi } from "vitest";
import { Batcher, type Send } from "@/api/Batcher";
import { anAnswer, aProblem } from "./examples";

const answering: Send = async (questions, take) => {
  for (const { key, metrics } of questions) take({ key, answer: anAnswer("1", { metrics }), problem: null });
};

describe("the batcher", () => {
  it("asks the questions of one moment in one round trip", async () => {
    const send = vi.fn(answering);
    const batcher = new Batcher(send, 0);
    const answers = await Promise.all(["a", "b", "c"].map((metric) => batcher.ask({ metrics: [metric] })));
    expect(send).toHaveBeenCalledTimes(1);
    expect(answers.map((answer) => answer.metrics[0])).toEqual(["a", "b", "c"]);
  });

  it("asks equal questions once", async () => {
    const send = vi.fn(answering);
    const batcher = new Batcher(send, 0);
    await Promise.all([batcher.ask({ metrics: ["a"] }), batcher.ask({ metrics: ["a"] })]);
    expect(send.mock.calls[0]?.[0]).toHaveLength(1);
  });

  it("finds each its own, in whatever order the answers come", async () => {
    const batcher = new Batcher((questions, ...rest) => answering([...questions].reverse(), ...rest), 0);
    const [a, b] = await Promise.all([batcher.ask({ metrics: ["a"] }), batcher.ask({ metrics: ["b"] })]);
    expect([a.metrics[0], b.metrics[0]]).toEqual(["a", "b"]);
  });

  it("keeps a failing question from its neighbours", async () => {
    const batcher = new Batcher(async ([first, second], take, signal) => {
      if (first) await answering([first], take, signal);
      if (second) take({ key: second.key, answer: null, problem: aProblem() });
    }, 0);
    const [good, bad] = await Promise.allSettled([
      batcher.ask({ metrics: ["a"] }),
      batcher.ask({ metrics: ["b"] }),
    ]);
    expect(good.status).toBe("fulfilled");
    expect(bad).toMatchObject({ status: "rejected", reason: { problem: { kind: "backend_unavailable" } } });
  });

  it("fails a question that the server left out", async () => {
    const batcher = new Batcher(async () => {}, 0);
    await expect(batcher.ask({ metrics: ["a"] })).rejects.toThrow(/left this question out/);
  });

  it("sends no more than the server takes at once", async () => {
    const send = vi.fn(answering);
    const batcher = new Batcher(send, 0, 64);
    await Promise.all(Array.from({ length: 70 }, (_, index) => batcher.ask({ metrics: [`m${index}`] })));
    expect(send.mock.calls.map(([questions]) => questions.length)).toEqual([64, 6]);
  });

  it("hands on what is there while the rest is waited for", async () => {
    let finish = () => {};
    const others = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const batcher = new Batcher(async ([quick, slow], take, signal) => {
      if (quick) await answering([quick], take, signal);
      await others;
      if (slow) await answering([slow], take, signal);
    }, 0);
    const quick = batcher.ask({ metrics: ["quick"] });
    const slow = batcher.ask({ metrics: ["slow"] });
    expect((await quick).metrics).toEqual(["quick"]);
    finish();
    expect((await slow).metrics).toEqual(["slow"]);
  });

  it("gives up what nobody waits for any more, and only then", async () => {
    const signals: AbortSignal[] = [];
    const batcher = new Batcher((_, __, signal) => {
      signals.push(signal);
      return new Promise(() => {});
    }, 0);
    const askers = [new AbortController(), new AbortController()];
    const asked = askers.map(({ signal }, index) => batcher.ask({ metrics: [`m${index}`] }, signal));
    await vi.waitFor(() => expect(signals).toHaveLength(1));
    askers[0]?.abort();
    await expect(asked[0]).rejects.toThrow();
    expect(signals[0]?.aborted).toBe(false);
    askers[1]?.abort();
    await expect(asked[1]).rejects.toThrow();
    expect(signals[0]?.aborted).toBe(true);
  });

  it("asks nothing for somebody who left before the question went out", async () => {
    const send = vi.fn(answering);
    const batcher = new Batcher(send, 0);
    const own = new AbortController();
    const gone = batcher.ask({ metrics: ["gone"] }, own.signal);
    own.abort();
    await expect(gone).rejects.toThrow();
    await batcher.ask({ metrics: ["stays"] });
    expect(send.mock.calls.flatMap(([questions]) => questions.map(({ metrics }) => metrics[0]))).toEqual([
      "stays",
    ]);
  });
});
