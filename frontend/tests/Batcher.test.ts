import { describe, expect, it, vi } from "vitest";
import { Batcher, type Send } from "@/api/Batcher";
import { anAnswer, aProblem } from "./examples";

const answering: Send = async (questions) =>
  questions.map(({ key, metrics }) => ({ key, answer: anAnswer("1", { metrics }), problem: null }));

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
    const batcher = new Batcher(async (questions) => (await answering(questions)).reverse(), 0);
    const [a, b] = await Promise.all([batcher.ask({ metrics: ["a"] }), batcher.ask({ metrics: ["b"] })]);
    expect([a.metrics[0], b.metrics[0]]).toEqual(["a", "b"]);
  });

  it("keeps a failing question from its neighbours", async () => {
    const batcher = new Batcher(async (questions) => {
      const [first, second] = await answering(questions);
      return first && second ? [first, { key: second.key, answer: null, problem: aProblem() }] : [];
    }, 0);
    const [good, bad] = await Promise.allSettled([
      batcher.ask({ metrics: ["a"] }),
      batcher.ask({ metrics: ["b"] }),
    ]);
    expect(good.status).toBe("fulfilled");
    expect(bad).toMatchObject({ status: "rejected", reason: { problem: { kind: "backend_unavailable" } } });
  });

  it("fails a question that the server left out", async () => {
    const batcher = new Batcher(async () => [], 0);
    await expect(batcher.ask({ metrics: ["a"] })).rejects.toThrow(/left this question out/);
  });

  it("sends no more than the server takes at once", async () => {
    const send = vi.fn(answering);
    const batcher = new Batcher(send, 0, 64);
    await Promise.all(Array.from({ length: 70 }, (_, index) => batcher.ask({ metrics: [`m${index}`] })));
    expect(send.mock.calls.map(([questions]) => questions.length)).toEqual([64, 6]);
  });
});
