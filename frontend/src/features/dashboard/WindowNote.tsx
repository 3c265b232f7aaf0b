import { useAddress } from "@/app/address";
import { OWN, readWindow, WINDOW_CHOICES, windowName } from "@/question/windows";
import { ParameterNote } from "@/widgets/AddressNote";

const NAMES = WINDOW_CHOICES.map(({ value }) => ({ value, label: windowName(value).toLowerCase() })).filter(
  ({ value }) => value !== OWN,
);

/** A window that the address asks for and that there is not. */
export function WindowNote() {
  const wanted = useAddress().get("window");
  if (wanted === OWN || readWindow(wanted) !== null) return null;
  return (
    <ParameterNote
      parameter="window"
      what="the window"
      instead="Each tile shows its own window."
      names={NAMES}
      drop="Keep own windows"
    />
  );
}
