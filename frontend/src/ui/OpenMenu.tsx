/** A menu that is, or was, open; loaded when the first one is. */
import { Menu as Base } from "@base-ui/react/menu";
import type { ReactElement, ReactNode } from "react";
import { type MenuParts, MenuPartsContext } from "./menuParts";

const PARTS: MenuParts = Base;

const POPUP =
  "min-w-44 max-w-[calc(100vw-24px)] rounded-lg border border-line bg-surface p-1 text-body shadow-sheet outline-none";

interface OpenMenuProps {
  trigger: ReactElement;
  children: ReactNode;
  align: "start" | "end";
}

export function OpenMenu({ trigger, children, align }: OpenMenuProps) {
  return (
    <MenuPartsContext value={PARTS}>
      <Base.Root modal={false} defaultOpen>
        <Base.Trigger render={trigger} />
        <Base.Portal>
          <Base.Positioner align={align} sideOffset={4} className="z-50">
            <Base.Popup className={POPUP}>{children}</Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </MenuPartsContext>
  );
}
