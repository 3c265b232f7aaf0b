import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { WindowChoice } from "@/api/types";
import { readWindow, writeWindow } from "@/question/windows";

/** The page's window lives in the URL: what is seen can be sent. */
export function useWindowChoice(): [WindowChoice | null, (window: WindowChoice | null) => void] {
  const [search, setSearch] = useSearchParams();
  const text = search.get("window");
  const window = useMemo(() => readWindow(text), [text]);
  const choose = useCallback(
    (next: WindowChoice | null) =>
      setSearch((held) => {
        const params = new URLSearchParams(held);
        const written = writeWindow(next);
        if (written) params.set("window", written);
        else params.delete("window");
        return params;
      }),
    [setSearch],
  );
  return [window, choose];
}
