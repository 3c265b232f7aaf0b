/**
 * Times of the wire as a wall clock shows them. A wall time is not an instant: dates and times with an offset say what the
 * clock of their place shows; only instants (with Z) are read in the workspace's zone. The browser's zone has no say in any.
 */
import { once } from "./locale";

export interface Wall {
  /** The wall clock in ms, as if it were UTC. */
  at: number;
  /** How far it is ahead of UTC, in minutes; null for a date or a time that does not say. */
  offset: number | null;
}

const ISO =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d(?:\.\d+)?))?)?(Z|[+-]\d\d(?::?\d\d)?(?::?\d\d)?)?$/;

/** How far the zone is ahead of UTC at an instant, in minutes; null where this browser does not know the zone. */
export function offsetAt(instant: number, zone: string): number | null {
  if (zone === "UTC") return 0;
  const clock = once(`z ${zone}`, () => {
    try {
      return new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        hourCycle: "h23",
        year: "numeric",
        month: "2-digit",
        day: "2-digit",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        era: "short",
      });
    } catch (error) {
      if (error instanceof RangeError) return null;
      throw error;
    }
  });
  if (!clock) return null;
  const part = Object.fromEntries(clock.formatToParts(instant).map(({ type, value }) => [type, value]));
  const day = `${(part.year ?? "").padStart(4, "0")}-${part.month}-${part.day}`;
  const shown = Date.parse(`${day}T${part.hour}:${part.minute}:${part.second}Z`);
  return (shown - Math.floor(instant / 1000) * 1000) / 60_000;
}

function offsetOf(text: string): number {
  const [, sign, hours = "0", minutes = "0"] = /^([+-])(\d\d):?(\d\d)?/.exec(text) ?? [];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** Null for what is not a time of the years 0001 to 9999: that is shown as the text it is. */
export function wallOf(text: string, zone: string): Wall | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, day, clock = "00:00", seconds = "00", place] = match;
  const at = Date.parse(`${day}T${clock}:${seconds.slice(0, 6)}Z`);
  if (Number.isNaN(at)) return null;
  if (place !== "Z") return { at, offset: place ? offsetOf(place) : null };
  const offset = offsetAt(at, zone);
  return offset === null ? null : { at: at + offset * 60_000, offset };
}

/** The instant in ms, where the wall clock says which one it is. */
export const instantOf = ({ at, offset }: Wall): number => at - (offset ?? 0) * 60_000;

/** "+05:30", "−04:00". */
export function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const two = (part: number) => String(Math.floor(part)).padStart(2, "0");
  return `${minutes < 0 ? "−" : "+"}${two(size / 60)}:${two(size % 60)}`;
}
