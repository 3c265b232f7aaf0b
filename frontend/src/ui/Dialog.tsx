import { lazy, Suspense, useState } from "react";
import type { DialogProps } from "./OpenDialog";

const OpenDialog = lazy(() => import("./OpenDialog").then((module) => ({ default: module.OpenDialog })));

/** A dialog whose code comes when the first one opens. */
export function Dialog(props: DialogProps) {
  const [wasOpen, setWasOpen] = useState(props.open);
  // Once there it stays: it goes with its own motion, and gives the focus back.
  if (props.open && !wasOpen) setWasOpen(true);
  if (!props.open && !wasOpen) return null;
  return (
    <Suspense fallback={null}>
      <OpenDialog {...props} />
    </Suspense>
  );
}
