/** A popover that is, or was, open; loaded when the first one is. */
import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { InParts } from "./InParts";

export interface PopoverProps {
  trigger: ReactElement;
  title: string;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

export function OpenPopover({ trigger, title, children, open, onOpenChange }: PopoverProps) {
  return (
    <Base.Root defaultOpen open={open} onOpenChange={onOpenChange}>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner align="start" sideOffset={6} collisionPadding={12} className="z-50">
          <Base.Popup className="w-[26rem] max-w-[calc(100vw-24px)] rounded-xl border border-line bg-surface p-4 shadow-sheet outline-none">
            <Base.Title className="text-body font-semibold [overflow-wrap:anywhere]">
              <InParts name={title} />
            </Base.Title>
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
