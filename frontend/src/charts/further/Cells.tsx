import { classes } from "@/ui/classes";
import { cutNames } from "../cut";
import { CutName } from "../draw/CutName";
import { Drillable } from "../draw/Drillable";
import type { Drill } from "../draw/drill";
import type { Heat, HeatCell, Shade } from "./drawn";

/** What is written on a colour: the last ones are too dark for ink, or too light where everything else is dark. */
const INK: Partial<Record<Shade, string>> = {
  s5: "var(--on-s5)",
  s6: "var(--surface)",
  s7: "var(--surface)",
};

/** A table whose cells are as dark as their values; each says its value to whoever points at it or hears it. */
export function Cells({ heat, drill }: { heat: Heat; drill: Drill }) {
  const { rows } = drill;
  const cutOf = cutNames(heat.rows.map(({ name }) => name));
  const headOf = cutNames(heat.columns, 2);
  // What has not come is no gap: only what is kept from the reader, or is not there, is hatched.
  const isHatched = (cell: HeatCell) =>
    cell.text === null && cell.shade === null && (cell.nothing !== undefined || !heat.isSparse);
  const hatched = heat.rows.flatMap(({ cells }) => cells).find(isHatched);
  return (
    <div className="flex min-h-full flex-col gap-2 py-1">
      <table
        className="h-px w-full grow border-separate border-spacing-px text-axis"
        style={{ maxHeight: `${heat.rows.length * 4 + 1.5}rem` }}
      >
        <caption className="sr-only">{heat.label}</caption>
        <thead>
          <tr>
            <th scope="col" className="w-px whitespace-nowrap text-left font-normal text-faint">
              <span className="sr-only">{heat.rowHead}</span>
              {heat.columnsHead && !heat.beside && <span aria-hidden>{heat.columnsHead}</span>}
            </th>
            {heat.beside && (
              <th scope="col" className="w-px pr-2 text-right font-normal text-faint">
                {heat.beside.head}
              </th>
            )}
            {heat.columns.map((name, at) => (
              <th
                // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
                key={at}
                scope="col"
                className={classes(
                  "max-w-8 font-normal text-faint",
                  heat.isSparse && "text-center",
                  headOf(name).tail && "pr-1",
                )}
              >
                {heat.isSparse ? name : <CutName cut={headOf(name)} />}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {heat.rows.map(({ name, window, cells }, row) => (
            <tr key={name}>
              <th
                scope="row"
                className="sticky left-0 z-[1] max-w-28 bg-surface pr-2 text-left font-normal text-soft"
              >
                <CutName cut={cutOf(name)} />
              </th>
              {heat.beside && (
                <td className="pr-2 text-right tabular-nums text-soft">{heat.beside.texts[row]}</td>
              )}
              {cells.map((cell, at) => {
                const { text, shown, shade, isPartial, filters } = cell;
                const nothing = cell.nothing ?? heat.nothing;
                const column = heat.columnsHead
                  ? `${heat.columnsHead.toLowerCase()} ${heat.columns[at]}`
                  : heat.columns[at];
                const said = `${name}, ${column}: ${text ?? nothing}${isPartial ? ", partial" : ""}`;
                return (
                  <td
                    // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place.
                    key={at}
                    title={said}
                    className={classes(
                      "h-6 min-w-4 rounded-[2px] p-0",
                      (shade !== null || !heat.isSparse || isHatched(cell)) && "mark",
                      isHatched(cell) && "no-data",
                      isPartial && shade !== null && "opacity-60 outline-1 outline-dashed outline-soft",
                    )}
                    style={
                      shade
                        ? {
                            background: `var(--${shade})`,
                            ...(shown && { color: INK[shade] ?? "var(--ink)" }),
                          }
                        : undefined
                    }
                  >
                    <Drillable
                      label={said}
                      onDrill={
                        rows && filters.length > 0 && (text !== null || !heat.isSparse)
                          ? () => rows(filters, window, heat.metricId)
                          : undefined
                      }
                      className="block size-full"
                    >
                      {shown && (
                        <span aria-hidden className="grid h-full place-items-center px-0.5 tabular-nums">
                          {shown}
                        </span>
                      )}
                      <span className="sr-only">
                        {text ?? nothing}
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
          {heat.columnsHead && heat.beside && (
            <span aria-hidden>across: {heat.columnsHead.toLowerCase()}</span>
          )}
          {hatched && (
            <span className="flex items-center gap-1">
              <i aria-hidden className="swatch no-data h-[0.692rem] w-5 ring-1 ring-line ring-inset" />
              {hatched.nothing ?? heat.nothing}
            </span>
          )}
        </div>
      )}
      {heat.note && <p className="text-mark text-faint">{heat.note}</p>}
    </div>
  );
}
