/** Names that are cut where there is no room: of those that begin alike each keeps the part that tells it from the others. */

/** A name in two: where it is too long the end of `head` goes. Together they are the name. */
export interface Cut {
  head: string;
  tail: string;
}

/** So many letters of a name are seen wherever it has a line of its own. */
const SEEN = 14;
/** How far back the part that differs looks for the beginning of its word. */
const BACK = 12;

const LETTERS = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const lettersOf = (text: string): string[] => [...LETTERS.segment(text)].map(({ segment }) => segment);

function alike(one: string[], other: string[] | undefined): number {
  if (!other) return 0;
  const at = one.findIndex((letter, index) => letter !== other[index]);
  return at === -1 ? one.length : at;
}

/** Where the part begins that keeps apart: with its word, where that is near. */
function tailAt(letters: string[], differsAt: number): number {
  const from = Math.min(differsAt, letters.length - 1);
  const blank = letters.lastIndexOf(" ", from);
  return blank > 0 && from - blank <= BACK ? blank + 1 : from;
}

/** How each of these names is cut, where so many letters of it are seen in any case. */
export function cutNames(names: Iterable<string>, seen = SEEN): (name: string) => Cut {
  const held = [...new Set(names)].sort().map((name) => ({ name, letters: lettersOf(name) }));
  const cuts = new Map(
    held.map(({ name, letters }, at) => {
      const before = alike(letters, held[at - 1]?.letters);
      const shared = Math.max(before, alike(letters, held[at + 1]?.letters));
      if (shared < seen) return [name, { head: name, tail: "" }];
      const from = tailAt(letters, shared);
      return [name, { head: letters.slice(0, from).join(""), tail: letters.slice(from).join("") }];
    }),
  );
  return (name) => cuts.get(name) ?? { head: name, tail: "" };
}

/** In so many letters: "Device screen…again". */
export function clipped({ head, tail }: Cut, most: number): string {
  const letters = lettersOf(head + tail);
  if (letters.length <= most) return head + tail;
  if (tail === "") return `${letters.slice(0, most - 1).join("")}…`;
  const kept = lettersOf(tail);
  const room = Math.floor(most * 0.6);
  const end = kept.length > room ? `${kept.slice(0, room - 1).join("")}…` : tail;
  const begin = lettersOf(head).slice(0, most - 1 - Math.min(kept.length, room));
  return `${begin.join("").trimEnd()}…${end}`;
}
