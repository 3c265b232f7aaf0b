import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetBegun, isHearing, noteTold } from "@/api/begun";
import { type Locks, SharedStream, type Told } from "@/api/SharedStream";
import type { StreamMessage } from "@/api/types";
import { Wire } from "./page";

const data: StreamMessage = { kind: "data", backend: "postgres", tables: ["t"] };

/** The locks of one browser, as the platform describes them: one holder, a queue, and stealing. */
class PlayedLocks {
  private held: { lose: (reason: unknown) => void } | null = null;
  private queue: (() => void)[] = [];

  request = (_name: string, options: LockOptions, run: (lock: Lock | null) => unknown): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const refuse = () => reject(new DOMException("given up", "AbortError"));
      const take = () => {
        const mine = { lose: refuse };
        this.held = mine;
        void Promise.resolve(run(null)).then((value) => {
          resolve(value);
          if (this.held === mine) this.next();
        });
      };
      if (options.signal?.aborted) return refuse();
      if (options.steal) {
        this.held?.lose(null);
        take();
      } else if (!this.held) take();
      else {
        this.queue.push(take);
        options.signal?.addEventListener("abort", () => {
          this.queue = this.queue.filter((each) => each !== take);
          refuse();
        });
      }
    });

  private next() {
    this.held = null;
    this.queue.shift()?.();
  }
}

/** A browser with tabs; the test plays the server. */
function browser({ shares = true } = {}) {
  const locks = new PlayedLocks();
  const channels = new Set<{ onmessage: ((event: { data: Told }) => void) | null }>();
  const wires: Wire[] = [];
  const open = vi.fn((_after: string | null) => {
    const wire = new Wire();
    wires.push(wire);
    return wire;
  });
  const openTab = () => {
    const heard: string[] = [];
    const onGap = vi.fn();
    const tab = { heard, onGap, isHidden: false, isFrozen: false };
    const share = () => {
      const channel = {
        onmessage: null as ((event: { data: Told }) => void) | null,
        postMessage: (told: Told) => {
          if (tab.isFrozen) return;
          for (const each of channels)
            if (each !== channel) each.onmessage?.({ data: structuredClone(told) });
        },
        close: () => void channels.delete(channel),
      };
      channels.add(channel);
      return { channel, locks: locks as unknown as Locks };
    };
    const stream = new SharedStream({
      open,
      share: shares ? share : () => null,
      onMessage: (message) => void heard.push(message.kind),
      onGap,
      isHidden: () => tab.isHidden,
      random: () => 1,
    });
    stream.start();
    return Object.assign(tab, { stream, state: () => stream.snapshot().state });
  };
  const listening = () => wires.filter(({ isClosed }) => !isClosed);
  const server = () => listening()[0] as Wire;
  return { openTab, open, wires, listening, server };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe("the tabs of one browser", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("have one stream, and forty of them hear all that comes on it", async () => {
    const { openTab, listening, server } = browser();
    const tabs = Array.from({ length: 40 }, openTab);
    await settled();
    expect(listening()).toHaveLength(1);
    expect(new Set(tabs.map((tab) => tab.state()))).toEqual(new Set(["connecting"]));
    server().open();
    server().say(data, "a-1");
    for (const tab of tabs) {
      expect(tab.state()).toBe("live");
      expect(tab.heard).toEqual(["hello", "data"]);
      expect(tab.onGap).not.toHaveBeenCalled();
    }
    const late = openTab();
    await settled();
    expect(late.state()).toBe("live");
    expect(listening()).toHaveLength(1);
  });

  it("hear of what was told between their own answers and the first word of the tab that leads", async () => {
    forgetBegun();
    const { openTab, server } = browser();
    const first = openTab();
    await settled();
    server().open(false, "a-1");
    server().say(data, "a-2");
    expect(first.onGap).not.toHaveBeenCalled();
    forgetBegun(); // another tab's page
    noteTold("a-1", isHearing());
    const late = openTab();
    await settled();
    expect(late.onGap).toHaveBeenCalledTimes(1);
    forgetBegun();
    noteTold("a-2", isHearing());
    const latest = openTab();
    await settled();
    expect(latest.onGap).not.toHaveBeenCalled();
  });

  it("go on after what was heard last when the tab that leads is closed", async () => {
    const { openTab, open, listening, server } = browser();
    const [first, second, third] = [openTab(), openTab(), openTab()];
    await settled();
    server().open();
    server().say(data, "a-1");
    first.stream.stop();
    await settled();
    expect(listening()).toHaveLength(1);
    expect(open).toHaveBeenLastCalledWith("a-1");
    server().open(true);
    server().say(data, "a-2");
    for (const tab of [second, third]) {
      expect(tab.state()).toBe("live");
      expect(tab.heard.filter((kind) => kind === "data")).toHaveLength(2);
      expect(tab.onGap).not.toHaveBeenCalled();
    }
  });

  it("all ask anew where the stream could not go on", async () => {
    const { openTab, server } = browser();
    const tabs = [openTab(), openTab()];
    await settled();
    server().open();
    server().fail();
    for (const tab of tabs) expect(tab.state()).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1_000);
    server().open(false);
    for (const tab of tabs) {
      expect(tab.state()).toBe("live");
      expect(tab.onGap).toHaveBeenCalledTimes(1);
    }
  });

  it("notice what was said while they lay still", async () => {
    const { openTab, server } = browser();
    const leader = openTab();
    const other = openTab();
    await settled();
    server().open();
    server().say(data, "a-1");
    leader.isFrozen = true;
    server().say(data, "a-2");
    leader.isFrozen = false;
    server().say(data, "a-3");
    expect(other.onGap).toHaveBeenCalledTimes(1);
    server().say(data, "a-4");
    expect(other.onGap, "once").toHaveBeenCalledTimes(1);
  });

  it("do not wait for a leader that lies still: another takes over, and the first follows once it moves", async () => {
    const { openTab, listening, server } = browser();
    const leader = openTab();
    await settled();
    server().open();
    leader.isFrozen = true;
    const other = openTab();
    await settled();
    expect(other.state()).toBe("connecting");
    await vi.advanceTimersByTimeAsync(7_000);
    expect(listening(), "the lock was taken from the first").toHaveLength(1);
    server().open();
    expect(other.state()).toBe("live");
    leader.isFrozen = false;
    server().say(data, "a-1");
    expect(leader.heard).toContain("data");
  });

  it("pass on a wish to try at once", async () => {
    const { openTab, wires, server } = browser();
    openTab();
    const other = openTab();
    await settled();
    server().fail();
    other.stream.retryNow();
    expect(wires).toHaveLength(2);
  });

  it("let the stream go while hidden, and go on after it when shown", async () => {
    const { openTab, open, listening, server } = browser();
    const first = openTab();
    const second = openTab();
    await settled();
    server().open();
    server().say(data, "a-1");
    first.isHidden = true;
    first.stream.hide();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(listening(), "the tab that is looked at leads").toHaveLength(1);
    second.isHidden = true;
    second.stream.hide();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(listening()).toHaveLength(0);
    second.isHidden = false;
    second.stream.wake();
    await settled();
    expect(listening()).toHaveLength(1);
    expect(open).toHaveBeenLastCalledWith("a-1");
  });

  it("have a stream each where the browser shares nothing, but only while they are looked at", async () => {
    const { openTab, wires, listening } = browser({ shares: false });
    const tabs = Array.from({ length: 8 }, openTab);
    for (const wire of wires) wire.open();
    for (const tab of tabs.slice(1)) {
      tab.isHidden = true;
      tab.stream.hide();
    }
    await vi.advanceTimersByTimeAsync(5_000);
    expect(listening()).toHaveLength(1);
    const shown = tabs[7];
    if (shown) shown.isHidden = false;
    shown?.stream.wake();
    expect(listening()).toHaveLength(2);
  });
});
