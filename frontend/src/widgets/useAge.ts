import { serverNow } from "@/api/workspace";
import { ageText } from "@/format/times";
import { useClock } from "@/ui/useNow";

/** How long ago a moment is, on the server's clock: drawn again when its words change. */
export const useAge = (at: string): string =>
  useClock((now) => ageText((serverNow(now) - Date.parse(at)) / 1000));
