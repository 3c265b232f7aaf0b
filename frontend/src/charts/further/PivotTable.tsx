import { classes } from "@/ui/classes";
import { Drillable } from "../draw/Drillable";
import type { Drill } from "../draw/drill";
import type { Pivot } from "./drawn";

const HEAD = "sticky top-0 bg-inherit py-1 font-normal text-mark text-faint whitespace-nowrap";

/** Rows by columns, with sums where there are any. */
export function PivotTable({ pivot, drill }: { pivot: Pivot; drill: Drill }) {
  const { rows } = drill;
  return (
    <>
      <table className="w-full border-collapse bg-inherit">
        <caption className="sr-only">{pivot.label}</caption>
        <thead className="bg-inherit">
          <tr className="border-line border-b bg-inherit">
            {pivot.rowHeads.map((name, at) => (
              <th
                key={name}
                scope="col"
                className={classes(HEAD, "z-[2] text-left", at === 0 ? "left-0" : "pl-3")}
              >
                {name}
              </th>
            ))}
            {pivot.columns.map((name, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no identity but their place.
              <th key={at} scope="col" className={classes(HEAD, "z-[1] pl-3 text-right")}>
                <bdi>{name}</bdi>
              </th>
            ))}
            {pivot.addsUpAcross && (
              <th scope="col" className={classes(HEAD, "z-[1] pl-3 text-right")}>
                {pivot.totalLabel}
              </th>
            )}
          </tr>
        </thead>
        <tbody className="bg-inherit">
          {pivot.rows.map(({ names, cells, total }) => (
            <tr key={JSON.stringify(names)} className="border-line/70 border-b bg-inherit last:border-b-0">
              {names.map((name, at) => (
                <th
                  // biome-ignore lint/suspicious/noArrayIndexKey: names have no identity but their place.
                  key={at}
                  scope="row"
                  className={classes(
                    "min-w-24 max-w-40 py-[4.5px] text-left font-normal [overflow-wrap:anywhere]",
                    at === 0 ? "sticky left-0 z-[1] bg-inherit" : "pl-3",
                  )}
                >
                  <bdi>{name}</bdi>
                </th>
              ))}
              {cells.map(({ text, title, filters }, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: cells have no identity but their place.
                <td key={at} title={title} className="py-[4.5px] pl-3 text-right whitespace-nowrap">
                  <Drillable
                    label="rows behind it"
                    onDrill={rows && filters.length > 0 ? () => rows(filters) : undefined}
                  >
                    {text}
                  </Drillable>
                </td>
              ))}
              {pivot.addsUpAcross && (
                <td className="py-[4.5px] pl-3 text-right font-medium whitespace-nowrap">{total}</td>
              )}
            </tr>
          ))}
        </tbody>
        {pivot.addsUp && (
          <tfoot className="bg-inherit">
            <tr className="border-line border-t bg-inherit text-soft">
              <td colSpan={pivot.rowHeads.length} className="sticky left-0 bg-inherit py-[4.5px]">
                {pivot.totalLabel}
              </td>
              {pivot.totals.map((text, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: totals have no identity but their place.
                <td key={at} className="py-[4.5px] pl-3 text-right font-medium whitespace-nowrap text-ink">
                  {text ?? <span className="font-normal text-faint">does not add up</span>}
                </td>
              ))}
              {pivot.addsUpAcross && (
                <td className="py-[4.5px] pl-3 text-right font-medium whitespace-nowrap text-ink">
                  {pivot.grand}
                </td>
              )}
            </tr>
          </tfoot>
        )}
      </table>
      {pivot.note && <p className="sticky left-0 mt-1 text-mark text-faint">{pivot.note}</p>}
    </>
  );
}
