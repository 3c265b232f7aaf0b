/** The name that was probably meant: a link may be old, or mistyped. */

/** How many letters have to change (Levenshtein). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let at = 1; at <= one.length; at++) {
    const next = [at];
    for (let to = 1; to <= other.length; to++) {
      const swap = (row[to - 1] ?? 0) + (one[at - 1] === other[to - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[to] ?? 0) + 1, (next[to - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Null where nothing is near: then no name is better than a wrong one. */
export function nearest(wanted: string, names: readonly string[]): string | null {
  const text = wanted.toLowerCase();
  const ranked = names
    .map((name) => {
      const known = name.toLowerCase();
      const isPart = text.length > 2 && (known.includes(text) || text.includes(known));
      return { name, far: isPart ? 0 : distance(text, known) / Math.max(text.length, known.length, 1) };
    })
    .sort((a, b) => a.far - b.far);
  return ranked[0] && ranked[0].far <= 0.5 ? ranked[0].name : null;
}
