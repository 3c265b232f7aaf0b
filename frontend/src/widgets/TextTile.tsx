import { Ellipsis } from "lucide-react";
import type { ReactNode } from "react";
import type { Widget } from "@/api/types";
import { IconButton } from "@/ui/Button";
import { Menu } from "@/ui/Menu";
import { textBlocks, textTitle } from "./textBlocks";

/** Words between the figures. They ask nothing, so there is no hallmark. */
export function TextTile({ widget, more }: { widget: Widget; more?: ReactNode }) {
  const title = textTitle(widget);
  return (
    <article aria-label={title} className="tile group flex h-full min-w-0 gap-2 rounded-[11px] px-1 pt-1">
      <section
        aria-label={`${title}, text`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable to be scrolled by key.
        tabIndex={0}
        className="tile-scroll is-text grid min-w-0 flex-1 grid-cols-[minmax(0,75ch)] content-start gap-1.5 overflow-y-auto [overflow-wrap:anywhere]"
      >
        {widget.title && <h2 className="text-told font-semibold tracking-tight">{widget.title}</h2>}
        {textBlocks(widget.text ?? "").map((block, at) => {
          const key = `${at} ${block.kind}`;
          if (block.kind === "list") {
            return (
              <ul key={key} className="list-disc pl-5 text-soft">
                {block.lines.map((line, place) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
                  <li key={place}>{line}</li>
                ))}
              </ul>
            );
          }
          return block.kind === "heading" ? (
            <h2 key={key} className="text-told font-semibold tracking-tight">
              {block.lines[0]}
            </h2>
          ) : (
            <p key={key} className="whitespace-pre-line text-soft">
              {block.lines.join("\n")}
            </p>
          );
        })}
      </section>
      {more && (
        <div className="shrink-0">
          <Menu
            trigger={
              <IconButton label={`Actions for ${title}`}>
                <Ellipsis aria-hidden />
              </IconButton>
            }
          >
            {more}
          </Menu>
        </div>
      )}
    </article>
  );
}
