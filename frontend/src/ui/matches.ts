/** Every word of the search must occur somewhere; case does not matter. */
export function matches(search: string, ...texts: string[]): boolean {
  const text = texts.join("\n").toLowerCase().replaceAll("_", " ");
  return search
    .toLowerCase()
    .replaceAll("_", " ")
    .trim()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
