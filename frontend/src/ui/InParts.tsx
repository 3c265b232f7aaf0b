import { Fragment } from "react";

/** A long name, as an address or an id: it breaks before the signs that join its parts, rather than anywhere. */
export function InParts({ name }: { name: string }) {
  return name.split(/(?=[@._/])/).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: parts have no identity but their place.
    <Fragment key={at}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
