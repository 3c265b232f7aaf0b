import type { StreamMessage } from "./types";

/** The messages of one commit arrive together: this long is waited for the rest of them. */
const SOON_MS = 8;
/** Where changes never stop, the page asks this often. */
const BETWEEN_MS = 100;
/** An answer that takes longer does not hold up the news. */
const PATIENCE_MS = 2_000;

/** A page that nobody looks at keeps so many messages; past that it asks for everything once it is looked at. */
const MOST_KEPT = 256;
const EVERYTHING: StreamMessage[] = [
  { kind: "catalog", catalog_version: "missed" },
  { kind: "loop", recommendations: [] },
];

const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Answers the messages of one burst with one round trip. At rest the first is answered at once; while that is under way
 * or was a moment ago, what comes is gathered into the next, so that a stream of changes never piles up questions.
 */
export class Gatherer {
  private gathered: StreamMessage[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isApplying = false;
  private isHeld = false;
  private appliedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly apply: (messages: StreamMessage[]) => Promise<unknown>) {}

  take(message: StreamMessage) {
    this.gathered.push(message);
    if (this.isHeld && this.gathered.length > MOST_KEPT) this.gathered = [...EVERYTHING];
    this.plan();
  }

  /** While held, what comes is kept. */
  hold(isHeld: boolean) {
    this.isHeld = isHeld;
    this.plan();
  }

  private plan() {
    if (this.isHeld || this.gathered.length === 0 || this.timer !== undefined || this.isApplying) return;
    const wait = Math.max(SOON_MS, this.appliedAt + BETWEEN_MS - performance.now());
    this.timer = setTimeout(() => void this.run(), wait);
  }

  private async run() {
    const messages = this.gathered;
    this.gathered = [];
    this.timer = undefined;
    this.isApplying = true;
    this.appliedAt = performance.now();
    try {
      await Promise.race([this.apply(messages), after(PATIENCE_MS)]);
    } finally {
      this.isApplying = false;
      this.plan();
    }
  }
}
