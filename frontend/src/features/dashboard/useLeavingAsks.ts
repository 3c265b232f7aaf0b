import { useEffect, useState } from "react";
import { useNavigate } from "react-router";
import { useAddress } from "@/app/address";
import type { LayoutEditing } from "./useLayoutEditing";

export interface Leaving {
  isAsking: boolean;
  stay: () => void;
  leave: () => void;
}

const isPlain = (event: MouseEvent) =>
  event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

/** The link of this page that was pressed, as a path; null for any other. */
function pathOf(event: MouseEvent): string | null {
  const anchor = (event.target as Element | null)?.closest?.("a[href]");
  if (!(anchor instanceof HTMLAnchorElement) || anchor.origin !== location.origin || !isPlain(event))
    return null;
  return anchor.hash && anchor.pathname === location.pathname
    ? null
    : anchor.pathname + anchor.search + anchor.hash;
}

/**
 * Arranging is a step of its own in the browser's history, so that *Back* ends it and does not leave the dashboard. Whoever ends it
 * so, follows a link or closes the tab with changes in hand is asked first.
 */
export function useLeavingAsks(editing: LayoutEditing): Leaving {
  const navigate = useNavigate();
  const { get, write } = useAddress();
  const isHere = get("arrange") !== null;
  const { draft, isChanged, cancel } = editing;
  const [goal, setGoal] = useState<string | null>(null);
  const [wasHere, setWasHere] = useState(false);
  const isDrafting = draft !== null;

  useEffect(() => {
    // Begun: a step forward. Ended by its own buttons, or a link from elsewhere: nothing to go back to.
    if (isDrafting && !wasHere) {
      write({ arrange: "1" });
      setWasHere(true);
    } else if (!isDrafting) {
      if (isHere) write({ arrange: null }, { replace: true });
      setWasHere(false);
    }
  }, [isDrafting, wasHere, isHere, write]);

  const hasGoneBack = isDrafting && wasHere && !isHere;
  const [isSettled, setSettled] = useState(false);
  useEffect(() => {
    if (isDrafting && isHere) setSettled(true);
    if (!isDrafting) setSettled(false);
  }, [isDrafting, isHere]);
  const isBack = hasGoneBack && isSettled;

  useEffect(() => {
    if (isBack && !isChanged) cancel();
  }, [isBack, isChanged, cancel]);

  useEffect(() => {
    if (!isChanged) return;
    const onClose = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      const path = pathOf(event);
      if (path === null) return;
      event.preventDefault();
      event.stopPropagation();
      setGoal(path);
    };
    window.addEventListener("beforeunload", onClose);
    document.addEventListener("click", onClick, true);
    return () => {
      window.removeEventListener("beforeunload", onClose);
      document.removeEventListener("click", onClick, true);
    };
  }, [isChanged]);

  return {
    isAsking: isChanged && (goal !== null || isBack),
    stay: () => {
      setGoal(null);
      if (isBack) write({ arrange: "1" });
    },
    leave: () => {
      cancel();
      if (goal !== null) navigate(goal);
      setGoal(null);
    },
  };
}
