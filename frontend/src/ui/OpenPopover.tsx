/** A popover that is, or was, open; loaded when the first one is. */
import { Popover as Base } from "@base-ui/react/popover";
import { Fragment, type ReactElement, type ReactNode } from "react";

export interface PopoverProps {
  trigger: ReactElement;
  title: string;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

/** A long name breaks before the signs that join its parts, as in an address, rather than anywhere. */
const inParts = (title: string): ReactNode =>
  title.split(/(?=[@._/])/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place.
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));

export function OpenPopover({ trigger, title, children, open, onOpenChange }: PopoverProps) {
  return (
    <Base.Root defaultOpen open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align="start" sideOffset={6} collisionPadding={12} className="z-50">
          <Base.Popup className="w-[26rem] max-w-[calc(100vw-24px)] rounded-xl border border-line bg-surface p-4 shadow-sheet outline-none">
            <Base.Title className="text-body font-semibold [overflow-wrap:anywhere]">
              {inParts(title)}
            </Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
