import type { Widget } from "@/api/types";

interface TextBlock {
  kind: "heading" | "list" | "paragraph";
  lines: string[];
}

/** A text as it is laid out: lines with # are headings, lines with - points of a list, an empty line ends a paragraph. */
export function textBlocks(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let isOpen = false;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^#{1,3}\s+(.+)$/.exec(line);
    const point = /^\s*[-*]\s+(.+)$/.exec(line);
    const kind = heading ? "heading" : point ? "list" : "paragraph";
    const written = heading?.[1] ?? point?.[1] ?? line;
    const last = blocks.at(-1);
    if (line.trim() === "") isOpen = false;
    else if (isOpen && last?.kind === kind && kind !== "heading") last.lines.push(written);
    else {
      blocks.push({ kind, lines: [written] });
      isOpen = true;
    }
  }
  return blocks;
}

/** What a text is called where it is listed: its title, or how it begins. */
export const textTitle = (widget: Widget): string =>
  widget.title || textBlocks(widget.text ?? "")[0]?.lines[0]?.slice(0, 60) || "Text";
