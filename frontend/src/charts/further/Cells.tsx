import { classes } from "@/ui/classes";
import { cutNames } from "../cut";
import { CutName } from "../draw/CutName";
import { Drillable } from "../draw/Drillable";
import type { Drill } from "../draw/drill";
import type { Heat } from "./drawn";

/** A table whose cells are as dark as their values; each says its value to whoever points at it or hears it. */
export function Cells({ heat, drill }: { heat: Heat; drill: Drill }) {
  const { rows } = drill;
  const cutOf = cutNames(heat.rows.map(({ name }) => name));
  const headOf = cutNames(heat.columns, 2);
  return (
    <div className="flex min-h-full flex-col gap-2 py-1">
      <table
        className="h-px w-full grow border-separate border-spacing-px text-axis"
        style={{ maxHeight: `${heat.rows.length * 4 + 1.5}rem` }}
      >
        <caption className="sr-only">{heat.label}</caption>
        <thead>
          <tr>
            <th scope="col" className="w-px">
              <span className="sr-only">{heat.rowHead}</span>
            </th>
            {heat.columns.map((name, at) => (
              <th
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
                key={at}
                scope="col"
                className={classes("max-w-8 font-normal text-faint", headOf(name).tail && "pr-1")}
              >
                <CutName cut={headOf(name)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heat.rows.map(({ name, cells }) => (
            <tr key={name}>
              <th
                scope="row"
                className="sticky left-0 z-[1] max-w-28 bg-surface pr-2 text-left font-normal text-soft"
              >
                <CutName cut={cutOf(name)} />
              </th>
              {cells.map(({ text, shade, isPartial, filters }, at) => {
                const said = `${name}, ${heat.columns[at]}: ${text ?? "no data"}${isPartial ? ", partial" : ""}`;
                return (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place.
                    key={at}
                    title={said}
                    className={classes(
                      "mark h-6 min-w-4 rounded-[2px] p-0",
                      shade === null && "no-data",
                      isPartial && shade !== null && "opacity-60 outline-1 outline-dashed outline-soft",
                    )}
                    style={shade ? { background: `var(--${shade})` } : undefined}
                  >
                    <Drillable
                      label={said}
                      onDrill={rows && filters.length > 0 ? () => rows(filters) : undefined}
                      className="block size-full"
                    >
                      <span className="sr-only">
                        {text ?? "no data"}
                        {isPartial ? ", partial" : ""}
                      </span>
                    </Drillable>
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {heat.ends && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5 text-axis text-faint">
          <div className="flex items-center gap-1.5">
            <span aria-hidden>{heat.ends[0]}</span>
            <ul aria-label="What the colours stand for" className="flex">
              {heat.key.map(({ shade, text }) => (
                <li
                  key={shade}
                  title={text}
                  className="swatch h-[0.692rem] w-5"
                  style={{ background: `var(--${shade})` }}
                >
                  <span className="sr-only">{text}</span>
                </li>
              ))}
            </ul>
            <span aria-hidden>{heat.ends[1]}</span>
          </div>
          {heat.rows.some(({ cells }) => cells.some(({ shade }) => shade === null)) && (
            <span className="flex items-center gap-1">
              <i aria-hidden className="swatch no-data h-[0.692rem] w-5 ring-1 ring-line ring-inset" />
              no data
            </span>
          )}
        </div>
      )}
      {heat.note && <p className="text-mark text-faint">{heat.note}</p>}
    </div>
  );
}
