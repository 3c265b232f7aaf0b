import { type Parameter, useAddress } from "@/app/address";
import { nearest } from "@/question/nearest";

interface Named {
  /** As the address writes it. */
  value: string;
  /** As the page calls it. */
  label: string;
}

interface AddressNoteProps {
  /** What kind of thing the address names: "the window". */
  what: string;
  wanted: string;
  /** Why it cannot be had. */
  but?: string;
  /** What is shown instead. */
  instead: string;
  /** What there is, to name the nearest. */
  names?: readonly Named[];
  onUse?: (value: string) => void;
  onDrop: () => void;
  drop?: string;
}

/** A part of the address that cannot be honoured: said, with the nearest that can. */
export function AddressNote({
  what,
  wanted,
  but = "which does not exist",
  instead,
  names = [],
  onUse,
  onDrop,
  drop = "Leave it out",
}: AddressNoteProps) {
  const name = nearest(
    wanted,
    names.map(({ value }) => value),
  );
  const near = names.find(({ value }) => value === name);
  const link = "text-accent underline underline-offset-2";
  return (
    <p role="status" className="mb-3 text-label text-stale">
      The address asks for {what} “<bdi className="[overflow-wrap:anywhere]">{wanted}</bdi>”, {but}. {instead}{" "}
      {near && onUse && (
        <button type="button" onClick={() => onUse(near.value)} className={link}>
          Use {near.label}
        </button>
      )}{" "}
      <button type="button" onClick={onDrop} className={link}>
        {drop}
      </button>
    </p>
  );
}

interface ParameterNoteProps extends Pick<AddressNoteProps, "what" | "but" | "instead" | "names" | "drop"> {
  parameter: Parameter;
}

/** The same of a parameter that names one thing among others. */
export function ParameterNote({ parameter, names = [], ...said }: ParameterNoteProps) {
  const { get, write } = useAddress();
  const wanted = get(parameter);
  if (!wanted || names.some(({ value }) => value === wanted)) return null;
  const change = (value: string | null) => write({ [parameter]: value }, { replace: true });
  return <AddressNote {...said} wanted={wanted} names={names} onUse={change} onDrop={() => change(null)} />;
}
