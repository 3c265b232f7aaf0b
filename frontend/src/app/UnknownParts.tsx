import { isCondition } from "@/question/filters";
import { AddressNote } from "@/widgets/AddressNote";
import { isParameter, PARAMETERS, useAddress } from "./address";

const NAMES = PARAMETERS.map((value) => ({ value, label: value }));

/** Parameters of the address that no page knows. */
export function UnknownParts() {
  const { search, rewrite } = useAddress();
  const unknown = [...new Set(search.keys())].filter((name) => !isParameter(name) && !isCondition(name));
  const change = (name: string, to: string | null) =>
    rewrite(
      (held) => {
        if (to !== null) held.set(to, held.get(name) ?? "");
        held.delete(name);
        return held;
      },
      { replace: true },
    );
  return unknown.map((name) => (
    <AddressNote
      key={name}
      what="the parameter"
      wanted={name}
      instead="The page is shown without it."
      names={NAMES}
      onUse={(to) => change(name, to)}
      onDrop={() => change(name, null)}
    />
  ));
}
