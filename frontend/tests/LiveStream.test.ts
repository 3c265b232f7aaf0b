import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetBegun, isHearing, noteTold, onMissed } from "@/api/begun";
import { CONNECTING, type Connection, LiveStream } from "@/api/LiveStream";
import type { StreamMessage } from "@/api/types";
import { Wire } from "./page";

function opened(random = () => 1) {
  const wires: Wire[] = [];
  const onGap = vi.fn();
  const onMessage = vi.fn();
  const open = vi.fn((_after: string | null) => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  });
  let connection = CONNECTING;
  const onConnection = (told: Connection) => {
    connection = told;
  };
  const stream = new LiveStream({ open, onMessage, onGap, onConnection, random });
  stream.start();
  const last = () => wires.at(-1) as Wire;
  const now = () => connection;
  return { stream, open, wires, last, onGap, onMessage, now };
}

describe("the stream", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("is live only once the server has said hello", () => {
    const { now, last } = opened();
    expect(now().state).toBe("connecting");
    last().connect();
    expect(now().state).toBe("connecting");
    last().open();
    expect(now()).toEqual({ state: "live", retryAt: null });
  });

  it("closes a broken source and comes back by itself, saying so", () => {
    const { now, wires, last, onGap } = opened();
    last().open();
    expect(onGap).not.toHaveBeenCalled();
    last().fail();
    expect(wires[0]?.isClosed).toBe(true);
    expect(now().state).toBe("reconnecting");
    vi.advanceTimersByTime(1000);
    expect(wires).toHaveLength(2);
    last().open();
    expect(now().state).toBe("live");
    expect(onGap).toHaveBeenCalledTimes(1);
  });

  it("goes on after what it has heard last; then nothing was missed", () => {
    const { open, last, onGap } = opened();
    last().open();
    last().say({ kind: "backends" }, "a-7");
    last().say({ kind: "heartbeat" });
    last().fail();
    vi.advanceTimersByTime(1000);
    expect(open.mock.calls).toEqual([[null], ["a-7"]]);
    last().open(true);
    expect(onGap).not.toHaveBeenCalled();
  });

  it("waits longer each time, up to half a minute, and calls it offline", () => {
    const { now, wires, last } = opened();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      last().fail();
      const wait = (now().retryAt ?? 0) - Date.now();
      waits.push(wait);
      vi.advanceTimersByTime(wait);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
    expect(now().state).toBe("offline");
    expect(wires).toHaveLength(9);
  });

  it("spreads its return, so that many pages do not come back at one moment", () => {
    const waitWith = (random: number) => {
      const { now, last } = opened(() => random);
      last().fail();
      return (now().retryAt ?? 0) - Date.now();
    };
    expect([waitWith(0), waitWith(0.5), waitWith(1)]).toEqual([500, 750, 1000]);
  });

  it("takes long silence for a dead connection, and a heartbeat for a living one", () => {
    const { now, last } = opened();
    last().open();
    vi.advanceTimersByTime(34_000);
    last().say({ kind: "heartbeat" });
    vi.advanceTimersByTime(34_000);
    expect(now().state).toBe("live");
    vi.advanceTimersByTime(1000);
    expect(now().state).toBe("reconnecting");
  });

  it("tries at once when asked to", () => {
    const { stream, wires, last } = opened();
    last().fail();
    stream.retryNow();
    expect(wires).toHaveLength(2);
    vi.advanceTimersByTime(4_000);
    expect(wires).toHaveLength(2);
  });

  it("hears messages, and leaves alone what is none", () => {
    const { last, onMessage } = opened();
    last().onmessage?.({ data: "not json" });
    last().say({ kind: "backends" });
    expect(onMessage.mock.calls).toEqual([[{ kind: "backends" }, null]]);
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
    expect(onMessage.mock.calls.map(([message, id]) => [message?.kind, id])).toEqual([
      ["hello", null],
      [undefined, "41"],
      [undefined, "42"],
      ["data", null],
    ]);
    last().fail();
    vi.advanceTimersByTime(1000);
    expect(open).toHaveBeenLastCalledWith("42");
  });

  it("gives an attempt up that says nothing, however far it came", () => {
    const { wires, now } = opened();
    vi.advanceTimersByTime(5_000);
    expect(wires[0]?.isClosed).toBe(true);
    expect(now().state).toBe("reconnecting");
  });

  it("says that it hears nothing where streams open and are held back, until something flows", () => {
    const { wires, last, now } = opened();
    for (let attempt = 0; attempt < 6; attempt++) {
      last().connect();
      vi.advanceTimersByTime(5_000);
      expect(now().state).toBe(attempt === 0 ? "reconnecting" : "silent");
      vi.advanceTimersByTime((now().retryAt ?? 0) - Date.now());
    }
    expect(wires).toHaveLength(7);
    last().open();
    expect(now().state, "a hello may be all that ever comes").toBe("silent");
    last().say({ kind: "problems", problems: [] });
    expect(now().state, "it comes with the hello").toBe("silent");
    last().say({ kind: "heartbeat" });
    expect(now().state).toBe("live");
  });

  it("does not call it live again and again where each stream falls silent after its hello", () => {
    const { last, now } = opened();
    const states: string[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      last().open();
      states.push(now().state);
      vi.advanceTimersByTime(35_000);
      vi.advanceTimersByTime((now().retryAt ?? 0) - Date.now());
    }
    expect(states).toEqual(["live", "live", "silent", "silent"]);
  });

  it("asks anew where something was told between an answer and the first hello", () => {
    const began = (answers: (string | null)[], hello: string) => {
      forgetBegun();
      const page = opened();
      for (const told of answers) noteTold(told, isHearing());
      page.last().open(false, hello);
      return page.onGap.mock.calls.length;
    };
    expect(began(["a-7", "a-8", null], "a-8")).toBe(1);
    expect(began(["a-8", "a-8"], "a-8")).toBe(0);
    expect(began(["b-8"], "a-8")).toBe(1); // by another process: nobody can tell
    expect(began([], "a-8")).toBe(0);
  });

  it("asks anew, once, where an answer comes after the hello that was asked for before it", () => {
    forgetBegun();
    const page = opened();
    const missed = vi.fn();
    const stop = onMissed(missed);
    const wasHearing = isHearing();
    page.last().open(false, "a-8");
    noteTold("a-8", wasHearing);
    expect(missed).not.toHaveBeenCalled();
    noteTold("a-7", isHearing());
    expect(missed).not.toHaveBeenCalled();
    noteTold("a-7", wasHearing);
    noteTold("a-6", wasHearing);
    expect(missed).toHaveBeenCalledTimes(1);
    stop();
  });

  it("does not wait for silence after a sleep in which a heartbeat was due", () => {
    const { stream, wires, last } = opened();
    last().open();
    vi.advanceTimersByTime(10_000);
    stream.wake();
    expect(wires).toHaveLength(1);
    vi.setSystemTime(Date.now() + 3_600_000);
    stream.wake();
    expect(wires).toHaveLength(2);
  });
});
