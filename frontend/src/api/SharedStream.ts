import { beginHearing } from "./begun";
import { CONNECTING, type Connection, HELLO_MS, LiveStream, type Source } from "./LiveStream";
import type { StreamMessage } from "./types";

/** What is passed from tab to tab. */
export interface Channel {
  postMessage(told: Told): void;
  onmessage: ((event: { data: Told }) => void) | null;
  close(): void;
}

export type Locks = Pick<LockManager, "request">;

/** What tabs of one browser share. A browser lacks it where the page did not come over HTTPS or from this machine. */
export interface Sharing {
  channel: Channel;
  locks: Locks;
}

interface Passed {
  message: StreamMessage | null;
  id: string | null;
}

/**
 * `who`: a tab has come, and wants to know how things stand. `retry`: somebody asked to try at once. `told`: the leader heard
 * something, or tells how things stand. `before` and `after` are the ids of what it had heard last: whoever had heard something
 * else last has missed something.
 */
export type Told =
  | { kind: "who" }
  | { kind: "retry" }
  | {
      kind: "told";
      before: string | null;
      after: string | null;
      /** The leader itself could not go on where it was. */
      hasGap: boolean;
      connection: Connection;
      passed: Passed | null;
    };

interface SharedStreamOptions {
  open: (after: string | null) => Source;
  onMessage: (message: StreamMessage) => void;
  /** Something was missed: what the page holds may be old. */
  onGap: () => void;
  /** What is shared with the other tabs; null where this browser shares nothing. */
  share: () => Sharing | null;
  isHidden: () => boolean;
  random?: () => number;
}

const LEADER = "assay-live-leader";
/** A hidden tab lets its stream go after this; whoever only glances elsewhere keeps it. */
const HIDDEN_MS = 5_000;
/** The leader tells something oftener than this, if only that it waits. */
const LEADER_SILENCE_MS = 45_000;
/** Tabs that miss the leader do not all take over at one moment. */
const TAKEOVER_SPREAD_MS = 2_000;

/**
 * One stream for all tabs of a browser, which has six connections to a server in all. The tab that holds a lock leads: it has the
 * stream, and passes on what it hears. When it goes, or lies still, another takes over after what it has heard last. Where tabs
 * can share nothing, each has a stream of its own while it is looked at.
 */
export class SharedStream {
  /** This tab's stream, while it leads. */
  private own: LiveStream | null = null;
  private sharing: Sharing | null = null;
  private connection = CONNECTING;
  private heardLast: string | null = null;
  private letGo: (() => void) | null = null;
  private queue: AbortController | null = null;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private hiddenTimer: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<() => void>();

  constructor(private readonly options: SharedStreamOptions) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly snapshot = (): Connection => this.connection;

  start() {
    this.sharing = this.options.share();
    if (this.sharing) this.sharing.channel.onmessage = ({ data }) => this.take(data);
    this.join();
  }

  stop() {
    this.leave();
    clearTimeout(this.hiddenTimer);
    this.sharing?.channel.close();
    this.sharing = null;
  }

  /** Tries at once, whichever tab leads. */
  readonly retryNow = () => {
    if (this.own) this.own.retryNow();
    else this.post({ kind: "retry" });
  };

  /** The tab was shown again, or the network is back. */
  readonly wake = () => {
    clearTimeout(this.hiddenTimer);
    if (this.own) this.own.wake();
    else {
      if (!this.queue) this.join();
      else this.post({ kind: "who" });
      this.missLeaderAfter(HELLO_MS);
    }
  };

  readonly hide = () => {
    clearTimeout(this.hiddenTimer);
    this.hiddenTimer = setTimeout(() => this.leave(), HIDDEN_MS);
  };

  /** Whoever is signed in is another: the stream was the other's. */
  readonly restart = () => this.own?.start();

  private join() {
    if (this.options.isHidden()) return;
    if (!this.sharing) return this.lead();
    this.queueUp({});
    this.post({ kind: "who" });
    this.missLeaderAfter(HELLO_MS);
  }

  /** Leads as soon as nobody else does; `steal` takes the lead from a tab that lies still. */
  private queueUp(how: { steal?: boolean }) {
    const queue = new AbortController();
    this.queue?.abort();
    this.queue = queue;
    const held = () => {
      if (queue.signal.aborted) return undefined;
      return new Promise<void>((resolve) => {
        this.letGo = resolve;
        this.lead();
      });
    };
    // A lock cannot be stolen and waited for at once.
    const options = how.steal ? { steal: true } : { signal: queue.signal };
    this.sharing?.locks.request(LEADER, options, held).catch(() => {
      // Given up, or taken away by a tab that missed this one: then it waits its turn as the others do.
      if (this.queue !== queue || queue.signal.aborted) return;
      this.own?.stop();
      this.own = null;
      this.queueUp({});
      this.missLeaderAfter(HELLO_MS);
    });
  }

  private lead() {
    clearTimeout(this.silenceTimer);
    this.own?.stop();
    const { open, onGap, random } = this.options;
    this.own = new LiveStream(
      {
        open,
        ...(random && { random }),
        onMessage: (message, id) => {
          const before = this.heardLast;
          this.heardLast = id ?? before;
          this.tell(before, { message, id });
          if (message) this.options.onMessage(message);
        },
        onGap: () => {
          this.tell(this.heardLast, null, true);
          onGap();
        },
        onConnection: (connection) => {
          this.become(connection);
          this.tell(this.heardLast, null);
        },
      },
      { heardLast: this.heardLast, connection: this.connection },
    );
    this.own.start();
  }

  private leave() {
    clearTimeout(this.silenceTimer);
    this.own?.stop();
    this.own = null;
    this.queue?.abort();
    this.queue = null;
    this.letGo?.();
    this.letGo = null;
  }

  private take(told: Told) {
    if (told.kind !== "told") {
      if (!this.own) return;
      if (told.kind === "retry") this.own.retryNow();
      else this.tell(this.heardLast, null);
      return;
    }
    // Two lead for a moment where one was taken for dead: each hears all by itself.
    if (this.own) return;
    this.missLeaderAfter(LEADER_SILENCE_MS);
    const isFirst = this.heardLast === null && told.after !== null;
    const hasMissed = isFirst ? beginHearing(told.before ?? told.after) : told.before !== this.heardLast;
    this.heardLast = told.after ?? this.heardLast;
    this.become(told.connection);
    if (told.passed?.message) this.options.onMessage(told.passed.message);
    if (told.hasGap || hasMissed) this.options.onGap();
  }

  private tell(before: string | null, passed: Passed | null, hasGap = false) {
    this.post({ kind: "told", before, after: this.heardLast, hasGap, connection: this.connection, passed });
  }

  private post(told: Told) {
    this.sharing?.channel.postMessage(told);
  }

  /** A leader that tells nothing for so long lies still, or is not there: this tab takes over. */
  private missLeaderAfter(ms: number) {
    clearTimeout(this.silenceTimer);
    if (!this.sharing || !this.queue) return;
    const spread = (this.options.random ?? Math.random)() * TAKEOVER_SPREAD_MS;
    this.silenceTimer = setTimeout(() => {
      if (this.connection.state === "live") this.become({ state: "reconnecting", retryAt: null });
      this.queueUp({ steal: true });
    }, ms + spread);
  }

  private become(connection: Connection) {
    const { state, retryAt } = this.connection;
    if (state === connection.state && retryAt === connection.retryAt) return;
    this.connection = connection;
    for (const listener of this.listeners) listener();
  }
}
