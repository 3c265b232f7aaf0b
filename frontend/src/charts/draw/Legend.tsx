import type { Series } from "../plan";
import { hueVariable } from "./palette";

/** Which colour is whose. */
export function Legend({ series }: { series: Series[] }) {
  return (
    <ul aria-label="Colours" className="flex flex-wrap gap-x-3 gap-y-0.5 text-mark text-soft">
      {series.map((each) => (
        <li key={each.key} className="flex items-center gap-1.5">
          <i
            aria-hidden
            className="swatch size-[9px] rounded-sm"
            style={{ background: hueVariable(each.hue) }}
          />
          <bdi>{each.name}</bdi>
        </li>
      ))}
    </ul>
  );
}
