import type { Cut } from "../cut";

/** A name that may have to be cut: all of it is its title, and is shown to whoever comes to it with the keyboard. */
export function CutName({ cut: { head, tail } }: { cut: Cut }) {
  return (
    <bdi className="cut-name" title={head + tail}>
      <span>{head}</span>
      {tail && <span>{tail}</span>}
    </bdi>
  );
}
