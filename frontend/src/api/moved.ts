import type { StreamMessage } from "./types";

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
      return [["metrics"], ["routes"], ["route"], ["workspace"], ["dashboard"], ["dictionary"]];
    case "backends":
      return [["workspace"], ["routes"], ["route"]];
    // The problems themselves travel in the message; an edit that was refused is one of them.
    case "problems":
      return [["routes"], ["route"]];
    case "loop":
      return [["recommendations"], ["recommendation"], ["alerts"], ["customer"]];
    case "data":
    case "hello":
    case "heartbeat":
      return [];
  }
}
