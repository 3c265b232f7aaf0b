import { humanName } from "@/format/words";

/** "device.damage_detected" -> "Device damage detected". */
export const eventWords = (type: string): string => humanName(type.replaceAll(".", " "));

/** A title as data has it, or a name of the system made readable. */
export const titleWords = (title: string): string =>
  /^[a-z0-9_.]+$/.test(title) ? eventWords(title) : title;
