import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gatherer } from "@/api/Gatherer";
import type { StreamMessage } from "@/api/types";

const moved = (table: string): StreamMessage => ({ kind: "data", backend: "postgres", tables: [table] });
const tables = (messages: StreamMessage[]) =>
  messages.map((each) => (each.kind === "data" ? each.tables[0] : each.kind));

describe("messages of the stream", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function gathering(takes = 0) {
    const applied: unknown[] = [];
    const gatherer = new Gatherer((messages) => {
      applied.push(tables(messages));
      return new Promise((resolve) => setTimeout(resolve, takes));
    });
    return { gatherer, applied };
  }

  it("of one commit are answered together, and at rest at once", async () => {
    const { gatherer, applied } = gathering();
    gatherer.take(moved("a"));
    gatherer.take(moved("b"));
    await vi.advanceTimersByTimeAsync(10);
    expect(applied).toEqual([["a", "b"]]);
  });

  it("that never stop are answered now and then", async () => {
    const { gatherer, applied } = gathering();
    for (let at = 0; at < 1000; at += 10) {
      gatherer.take(moved(`${at}`));
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(applied.length).toBeLessThanOrEqual(11);
    await vi.advanceTimersByTimeAsync(200);
    expect(applied.flat()).toHaveLength(100);
  });

  it("wait for the answer under way, but not for one that does not come", async () => {
    const { gatherer, applied } = gathering(60_000);
    gatherer.take(moved("a"));
    await vi.advanceTimersByTimeAsync(500);
    gatherer.take(moved("b"));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(applied).toEqual([["a"]]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(applied).toEqual([["a"], ["b"]]);
  });
});
