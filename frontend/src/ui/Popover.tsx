import { cloneElement, lazy, type ReactElement, Suspense, useState } from "react";
import type { PopoverProps } from "./OpenPopover";

const load = () => import("./OpenPopover");
const OpenPopover = lazy(() => load().then((module) => ({ default: module.OpenPopover })));

/** A popover whose code comes when somebody turns to it: until then it is its button. */
export function Popover(props: PopoverProps) {
  const { trigger, open = false, onOpenChange } = props;
  const [isWanted, setWanted] = useState(false);
  const turnTo = () => void load();
  const closed = cloneElement(trigger as ReactElement<Record<string, unknown>>, {
    "aria-haspopup": "dialog",
    "aria-expanded": false,
    onPointerEnter: turnTo,
    onFocus: turnTo,
    onClick: () => {
      setWanted(true);
      onOpenChange?.(true);
    },
  });
  if (!isWanted && !open) return closed;
  return (
    <Suspense fallback={closed}>
      <OpenPopover {...props} />
    </Suspense>
  );
}
