import { type ReactNode, useEffect } from "react";
import { useWorkspace } from "@/api/workspace";
import { ConnectionMark } from "./ConnectionMark";
import { PaletteField } from "./PaletteField";

interface PageTopProps {
  title: string;
  description?: ReactNode;
  /** Beside the title: the way to others like it. */
  titleMenu?: ReactNode;
  /** Under the title and its description: a line of its own. */
  below?: ReactNode;
  /** Controls of this page, before the state of the connection. */
  children?: ReactNode;
}

/** The head of every page: its one h1, the way to everything else, its controls, the state of the connection. */
export function PageTop({ title, description, titleMenu, below, children }: PageTopProps) {
  const workspace = useWorkspace().data;
  useEffect(() => {
    document.title = `${title} · Assay`;
  }, [title]);
  return (
    <div className="@container mb-4">
      <div className="page-top">
        <div className="min-w-0">
          <div className="flex items-center gap-0.5">
            <h1 className="min-w-0 text-title leading-6 font-semibold tracking-[-.01em]">{title}</h1>
            {titleMenu && <div className="-my-0.5">{titleMenu}</div>}
          </div>
          <div className="flex flex-wrap items-center gap-x-1.5 text-small leading-5 text-soft">
            {description ?? workspace?.label ?? "\u00a0"}
            {workspace?.synthetic && (
              <span className="rounded border border-line-strong border-dashed px-[5px] text-mark leading-4">
                synthetic data
              </span>
            )}
          </div>
          {below}
        </div>
        <PaletteField />
        <div className="ml-auto flex min-w-0 max-w-full flex-wrap items-center justify-end gap-2">
          {children}
          <ConnectionMark />
        </div>
      </div>
    </div>
  );
}
