import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LiveStream } from "@/api/LiveStream";
import type { StreamMessage } from "@/api/types";
import { Wire } from "./page";

function opened(random = () => 1) {
  const wires: Wire[] = [];
  const onReturn = vi.fn();
  const onMessage = vi.fn();
  const open = vi.fn((_after: string | null) => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  });
  const stream = new LiveStream({ open, onMessage, onReturn, random });
  stream.start();
  const last = () => wires.at(-1) as Wire;
  return { stream, open, wires, last, onReturn, onMessage };
}

describe("the stream", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is live only once it is open", () => {
    const { stream, last } = opened();
    expect(stream.snapshot().state).toBe("connecting");
    last().open();
    expect(stream.snapshot()).toEqual({ state: "live", retryAt: null });
  });

  it("closes a broken source and comes back by itself, saying so", () => {
    const { stream, wires, last, onReturn } = opened();
    last().open();
    expect(onReturn).not.toHaveBeenCalled();
    last().fail();
    expect(wires[0]?.isClosed).toBe(true);
    expect(stream.snapshot().state).toBe("reconnecting");
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(2);
    last().open();
    expect(stream.snapshot().state).toBe("live");
    last().say({ kind: "hello", route_epoch: 1, catalog_version: "c", resumed: false });
    expect(onReturn).toHaveBeenCalledTimes(1);
  });

  it("goes on after what it has heard last; then nothing was missed", () => {
    const { open, last, onReturn } = opened();
    last().open();
    last().say({ kind: "backends" }, "a-7");
    last().say({ kind: "heartbeat" });
    last().fail();
    vi.advanceTimersByTime(1000);
    expect(open.mock.calls).toEqual([[null], ["a-7"]]);
    last().open();
    last().say({ kind: "hello", route_epoch: 1, catalog_version: "c", resumed: true });
    expect(onReturn).not.toHaveBeenCalled();
  });

  it("waits longer each time, up to half a minute, and calls it offline", () => {
    const { stream, wires, last } = opened();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      last().fail();
      const wait = (stream.snapshot().retryAt ?? 0) - Date.now();
      waits.push(wait);
      vi.advanceTimersByTime(wait);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(stream.snapshot().state).toBe("offline");
    expect(wires).toHaveLength(9);
  });

  it("spreads its return, so that many pages do not come back at one moment", () => {
    const waitWith = (random: number) => {
      const { stream, last } = opened(() => random);
      last().fail();
      return (stream.snapshot().retryAt ?? 0) - Date.now();
    };
    expect([waitWith(0), waitWith(0.5), waitWith(1)]).toEqual([500, 750, 1000]);
  });

  it("takes long silence for a dead connection, and a heartbeat for a living one", () => {
    const { stream, last } = opened();
    last().open();
    vi.advanceTimersByTime(59_000);
    last().say({ kind: "heartbeat" });
    vi.advanceTimersByTime(59_000);
    expect(stream.snapshot().state).toBe("live");
    vi.advanceTimersByTime(1000);
    expect(stream.snapshot().state).toBe("reconnecting");
  });

  it("tries at once when asked to", () => {
    const { stream, wires, last } = opened();
    last().fail();
    stream.retryNow();
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(30_000);
    expect(wires).toHaveLength(2);
  });

  it("hears messages, and leaves alone what is none", () => {
    const { last, onMessage } = opened();
    last().onmessage?.({ data: "not json" });
    last().say({ kind: "backends" });
    expect(onMessage.mock.calls).toEqual([[{ kind: "backends" }]]);
  });

  it("stays silent once stopped", () => {
    const { stream, wires, last } = opened();
    last().fail();
    stream.stop();
    vi.advanceTimersByTime(60_000);
    expect(wires).toHaveLength(1);
  });

  it("passes over what a newer server says, and remembers that it was heard", () => {
    const { last, onMessage, open } = opened();
    last().open();
    const news = { kind: "weather", tables: 7 } as unknown as StreamMessage;
    last().say(news, "41");
    last().onmessage?.({ data: "null", lastEventId: "42" });
    last().say({ kind: "data", backend: "postgres", tables: ["t"] });
    expect(onMessage.mock.calls.map(([message]) => message.kind)).toEqual(["data"]);
    last().fail();
    vi.advanceTimersByTime(1000);
    expect(open).toHaveBeenLastCalledWith("42");
  });
});
