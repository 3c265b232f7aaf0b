import { classes } from "@/ui/classes";
import { cutNames } from "../cut";
import type { Series } from "../plan";
import { CutName } from "./CutName";
import { hueVariable } from "./palette";

/** Which colour is whose; what is no value of now is a line as it is drawn. */
export function Legend({ series }: { series: Series[] }) {
  const cutOf = cutNames(series.map(({ name }) => name));
  return (
    <ul aria-label="Colours" className="flex flex-wrap gap-x-3 gap-y-0.5 text-mark text-soft">
      {series.map((each) => (
        <li key={each.key} className="flex min-w-0 max-w-[20rem] items-center gap-1.5">
          {each.role === "own" ? (
            <i
              aria-hidden
              className="swatch size-[0.692rem] shrink-0 rounded-sm"
              style={{ background: hueVariable(each.hue) }}
            />
          ) : (
            <i
              aria-hidden
              className={classes(
                "swatch w-4 shrink-0 border-t-2",
                each.role === "ahead" ? "border-dotted" : "border-dashed",
              )}
              style={{ borderColor: hueVariable(each.hue) }}
            />
          )}
          <CutName cut={cutOf(each.name)} />
        </li>
      ))}
    </ul>
  );
}
