import { useCallback, useMemo } from "react";
import type { WindowChoice } from "@/api/types";
import { useAddress } from "@/app/address";
import { readWindow, writeWindow } from "@/question/windows";

/** The page's window lives in the URL: what is seen can be sent. */
export function useWindowChoice(): [WindowChoice | null, (window: WindowChoice | null) => void] {
  const { get, write } = useAddress();
  const text = get("window");
  const window = useMemo(() => readWindow(text), [text]);
  const choose = useCallback((next: WindowChoice | null) => write({ window: writeWindow(next) }), [write]);
  return [window, choose];
}
