/** What time is divided into: the common grains, and those of the workspace's own calendar. */
export const COMMON_GRAINS = ["hour", "day", "week", "month", "quarter", "year"];

/** All that can be chosen, what is chosen already among it. */
export function grainsOf(known: string[] = COMMON_GRAINS, chosen?: string | null): string[] {
  return chosen && !known.includes(chosen) ? [...known, chosen] : known;
}

/** Windows that are made of the workspace's own periods: the present one so far, and the last whole one. */
export const windowsOf = (known: string[] = COMMON_GRAINS): string[] =>
  known
    .filter((grain) => !COMMON_GRAINS.includes(grain))
    .flatMap((grain) => [`${grain}_to_date`, `previous_${grain}`]);
