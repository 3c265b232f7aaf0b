import { useAddress } from "@/app/address";
import { nearest } from "@/question/nearest";
import { OWN, readWindow, WINDOW_CHOICES, windowName } from "@/question/windows";

const NAMES = WINDOW_CHOICES.map(({ value }) => value).filter((value) => value !== OWN);

/** A window that the address asks for and that there is not: said, with the nearest that there is. */
export function WindowNote() {
  const { get, write } = useAddress();
  const wanted = get("window");
  if (!wanted || wanted === OWN || readWindow(wanted) !== null) return null;
  const near = nearest(wanted, NAMES);
  const link = "text-accent underline underline-offset-2";
  return (
    <p role="status" className="mb-3 text-label text-stale">
      The address asks for the window “<bdi className="[overflow-wrap:anywhere]">{wanted}</bdi>”, which does
      not exist. Each tile shows its own window.{" "}
      {near && (
        <button type="button" onClick={() => write({ window: near }, { replace: true })} className={link}>
          Use {windowName(near).toLowerCase()}
        </button>
      )}{" "}
      <button type="button" onClick={() => write({ window: null }, { replace: true })} className={link}>
        Keep own windows
      </button>
    </p>
  );
}
