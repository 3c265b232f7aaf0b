import { beginHearing } from "./begun";
import { isKnown } from "./moved";
import type { StreamMessage } from "./types";

/** `silent`: the stream opens, and nothing is heard on it. */
export type ConnectionState = "connecting" | "live" | "reconnecting" | "silent" | "offline";

export interface Connection {
  state: ConnectionState;
  /** When the next attempt is due (ms of this machine), while there is none under way. */
  retryAt: number | null;
}

export const CONNECTING: Connection = { state: "connecting", retryAt: null };

export interface Source {
  onopen: (() => void) | null;
  onmessage: ((event: { data: string; lastEventId?: string }) => void) | null;
  onerror: (() => void) | null;
  close(): void;
}

interface LiveStreamOptions {
  /** `after`: the id of the event heard last, to go on from. */
  open: (after: string | null) => Source;
  /** With the id that it bears, where it bears one. Null: a kind that this page does not know, and has heard. */
  onMessage: (message: StreamMessage | null, id: string | null) => void;
  /** Called when the stream cannot go on where it was: what moved meanwhile was not heard. */
  onGap: () => void;
  onConnection: (connection: Connection) => void;
  random?: () => number;
}

/** Where another stream left off. */
export interface Begin {
  heardLast: string | null;
  connection: Connection;
}

const BEGIN: Begin = { heardLast: null, connection: CONNECTING };

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
/** After this many failures in a row the page no longer calls it a hiccup. */
const OFFLINE_AFTER = 4;
/** An attempt on which the server's hello was not read for so long is given up. */
export const HELLO_MS = 5_000;
/** The server sends a heartbeat every 15 s; silence this long means a dead connection that nobody has closed. */
const SILENCE_MS = 35_000;
/** A heartbeat is due by then: whoever wakes later does not wait for the silence to be long enough. */
const OVERDUE_MS = 20_000;
/** So many streams in a row that opened and fell silent are no accident: something between holds them back. */
const SILENT_AFTER = 2;

/**
 * One stream from the server. Live is what was heard, not what was opened: it begins with the server's hello and lasts while
 * heartbeats come. Reconnection is spread by jitter, so that many pages do not return at one moment.
 */
export class LiveStream {
  private source: Source | null = null;
  private failures = 0;
  /** Streams in a row that opened and on which nothing came, or nothing but a hello. */
  private unheard = 0;
  private isOpen = false;
  private greeted = false;
  private heardAt: number | null = null;
  private heardLast: string | null;
  private connection: Connection;
  private isFirst: boolean;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private silenceTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: LiveStreamOptions,
    { heardLast, connection }: Begin = BEGIN,
  ) {
    this.heardLast = heardLast;
    this.connection = connection;
    this.isFirst = heardLast === null;
  }

  start() {
    this.stop();
    this.isOpen = false;
    this.greeted = false;
    this.waitForWord(HELLO_MS);
    const source = this.options.open(this.heardLast);
    this.source = source;
    source.onopen = () => {
      this.isOpen = true;
    };
    source.onmessage = (event) => this.heard(event.data, event.lastEventId || null);
    source.onerror = () => {
      // Nobody there is not the same as somebody who is not heard.
      if (!this.isOpen) this.unheard = 0;
      this.failed();
    };
  }

  /** Tries at once, whatever the wait was. */
  readonly retryNow = () => {
    if (this.connection.state !== "live") this.start();
  };

  /** After a sleep: what should have been heard meanwhile, and was not, is not waited for. */
  readonly wake = () => {
    const isOverdue = this.heardAt === null || Date.now() - this.heardAt > OVERDUE_MS;
    if (this.connection.state !== "live" || isOverdue) this.start();
  };

  stop() {
    clearTimeout(this.retryTimer);
    clearTimeout(this.silenceTimer);
    this.source?.close();
    this.source = null;
  }

  private heard(data: string, id: string | null) {
    this.waitForWord(SILENCE_MS);
    this.heardAt = Date.now();
    let message: unknown;
    try {
      message = JSON.parse(data);
    } catch {
      return;
    }
    if (id) this.heardLast = id;
    if (!isKnown(message)) return this.options.onMessage(null, id);
    if (message.kind === "hello") this.welcome(message.resumed, id);
    // What comes with the hello comes in one piece with it. Only what follows shows that the stream flows.
    else if (message.kind !== "problems") this.unheard = 0;
    this.options.onMessage(message, id);
    if (this.greeted && this.unheard < SILENT_AFTER) this.becomeLive();
  }

  private welcome(resumed: boolean, id: string | null) {
    this.greeted = true;
    this.failures = 0;
    const hasMissed = this.isFirst ? beginHearing(id) : !resumed;
    this.isFirst = false;
    if (hasMissed) this.options.onGap();
  }

  private becomeLive() {
    if (this.connection.state !== "live") this.become({ state: "live", retryAt: null });
  }

  private failed() {
    this.stop();
    this.failures += 1;
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (this.failures - 1));
    const jittered = wait * (0.5 + (this.options.random ?? Math.random)() / 2);
    this.retryTimer = setTimeout(() => this.start(), jittered);
    const hiccup = this.failures >= OFFLINE_AFTER ? "offline" : "reconnecting";
    this.become({
      state: this.unheard >= SILENT_AFTER ? "silent" : hiccup,
      retryAt: Date.now() + jittered,
    });
  }

  private waitForWord(ms: number) {
    clearTimeout(this.silenceTimer);
    this.silenceTimer = setTimeout(() => {
      if (this.isOpen || this.greeted) this.unheard += 1;
      this.failed();
    }, ms);
  }

  private become(connection: Connection) {
    this.connection = connection;
    this.options.onConnection(connection);
  }
}
