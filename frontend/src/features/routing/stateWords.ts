import type { Backend } from "@/api/types";

export const STATE_WORDS: Record<Backend["state"], string> = {
  ready: "ready",
  down: "down",
  not_configured: "not configured",
};
