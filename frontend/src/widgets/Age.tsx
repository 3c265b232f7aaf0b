/** Times that go on by themselves, so that what they stand in is not drawn again. */
import { serverNow } from "@/api/workspace";
import { clockText } from "@/format/times";
import { useClock } from "@/ui/useNow";
import { useAge } from "./useAge";

export const Age = ({ at }: { at: string }) => useAge(at);

/** When that was, with its day where it is another than today. */
export const Moment = ({ at, zone }: { at: string; zone: string }) =>
  useClock((now) => clockText(at, zone, serverNow(now)));
