import type { StreamMessage } from "./types";

/** Every kind of message that this page knows; the compiler keeps it whole. */
const KNOWN: Record<StreamMessage["kind"], true> = {
  backends: true,
  catalog: true,
  data: true,
  heartbeat: true,
  hello: true,
  loop: true,
  parity: true,
  problems: true,
  proposals: true,
  routes: true,
};

/** A newer server may say what this page has not heard of: that is passed over, and what came with it is not. */
export const isKnown = (message: unknown): message is StreamMessage =>
  typeof message === "object" &&
  message !== null &&
  Object.hasOwn(KNOWN, String((message as { kind?: unknown }).kind));

/** The beginnings of the query keys whose answers a message makes old. Answers to questions: `dependsOn`. */
export function madeOld(message: StreamMessage): string[][] {
  switch (message.kind) {
    case "routes":
      return [["routes"], ["metrics"], ["workspace"], ...message.metrics.map((metric) => ["route", metric])];
    case "parity":
      // While it goes on nothing has been kept yet.
      if (message.state === "comparing") return [];
      if (message.state === "shadow") return [["route", message.metric_id]];
      return [["routes"], ["route", message.metric_id]];
    case "catalog":
      return [
        ["metrics"],
        ["routes"],
        ["route"],
        ["workspace"],
        ["dashboard"],
        ["dashboards"],
        ["dictionary"],
        ["colours"],
        ["annotations"],
      ];
    case "backends":
      return [["workspace"], ["routes"], ["route"]];
    // The problems themselves travel in the message; an edit that was refused is one of them.
    case "problems":
      return [["routes"], ["route"]];
    case "loop":
      return [["recommendations"], ["recommendation"], ["signals"], ["customer"]];
    case "proposals":
      return [["proposals"], ["drafts"], ["routes"], ["route"]];
    case "data":
    case "hello":
    case "heartbeat":
      return [];
  }
}
