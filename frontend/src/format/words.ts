/** Words as they begin, and names as words. */

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** "claim_status" -> "Claim status", for names that the catalog does not label. */
export const humanName = (name: string): string => capital(name.replaceAll("_", " "));
