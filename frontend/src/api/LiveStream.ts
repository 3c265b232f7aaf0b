import { isKnown } from "./moved";
import type { StreamMessage } from "./types";

export type ConnectionState = "connecting" | "live" | "reconnecting" | "offline";

export interface Connection {
  state: ConnectionState;
  /** When the next attempt is due (ms of this machine), while there is none under way. */
  retryAt: number | null;
}

export interface Source {
  onopen: (() => void) | null;
  onmessage: ((event: { data: string; lastEventId?: string }) => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

export interface LiveStreamOptions {
  /** `after`: the id of the event heard last, to go on from. */
  open: (after: string | null) => Source;
  onMessage: (message: StreamMessage) => void;
  /** Called when the stream is back after a gap and cannot go on where it was: what moved meanwhile was not heard. */
  onReturn: () => void;
  random?: () => number;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** After this many failures in a row the page no longer calls it a hiccup. */
const OFFLINE_AFTER = 4;
/** The server sends heartbeats; silence this long means a dead connection that nobody has closed. */
const SILENCE_MS = 60_000;

/** The browser's stream, with reconnection spread by jitter so that many pages do not return at one moment. */
export class LiveStream {
  private source: Source | null = null;
  private failures = 0;
  private wasLive = false;
  private hasGap = false;
  private heardLast: string | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;
  private listeners = new Set<() => void>();
  private connection: Connection = { state: "connecting", retryAt: null };

  constructor(private readonly options: LiveStreamOptions) {}

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  };

  readonly snapshot = (): Connection => this.connection;

  start() {
    this.stop();
    const source = this.options.open(this.heardLast);
    this.source = source;
    source.onopen = () => this.opened();
    source.onmessage = (event) => this.heard(event.data, event.lastEventId);
    source.onerror = () => this.failed();
  }

  /** Tries at once, whatever the wait was. */
  readonly retryNow = () => {
    if (this.connection.state !== "live") this.start();
  };

  stop() {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.source?.close();
    this.source = null;
  }

  private opened() {
    this.hasGap = this.wasLive || this.failures > 0;
    this.failures = 0;
    this.wasLive = true;
    this.listenForSilence();
    this.become({ state: "live", retryAt: null });
  }

  private heard(data: string, id: string | undefined) {
    this.listenForSilence();
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (id) this.heardLast = id;
    if (!isKnown(message)) return;
    if (message.kind === "hello" && this.hasGap) {
      this.hasGap = false;
      if (!message.resumed) this.options.onReturn();
    }
    this.options.onMessage(message);
  }

  private failed() {
    this.stop();
    this.failures += 1;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
    const jittered = wait * (0.5 + (this.options.random ?? Math.random)() / 2);
    this.retryTimer = setTimeout(() => this.start(), jittered);
    this.become({
      state: this.failures >= OFFLINE_AFTER ? "offline" : "reconnecting",
      retryAt: Date.now() + jittered,
    });
  }

  private listenForSilence() {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => this.failed(), SILENCE_MS);
  }

  private become(connection: Connection) {
    this.connection = connection;
    for (const listener of this.listeners) listener();
  }
}
