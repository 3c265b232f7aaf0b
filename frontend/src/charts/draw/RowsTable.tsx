import { ArrowDown, ArrowUp, Columns3 } from "lucide-react";
import { useState } from "react";
import { fixed } from "@/format/numbers";
import { Button } from "@/ui/Button";
import { classes } from "@/ui/classes";
import { Menu, MenuItem } from "@/ui/Menu";
import { TONE_TEXT } from "@/ui/tones";
import { nextOrder, type Order, ordered, PAGE } from "../order";
import type { Rows, RowsCell } from "../rows";
import { ChangeMark } from "./ChangeMark";
import { Drillable } from "./Drillable";
import { type Drill, NO_DRILL } from "./drill";

interface RowsTableProps {
  rows: Rows;
  caption: string;
  drill?: Drill;
}

/** Where a cell leads. */
interface Led {
  label: string;
  run: () => void;
}

function led(cell: RowsCell, row: Rows["rows"][number], drill: Drill): Led | undefined {
  const { pick, rows } = drill;
  if (cell.pick) {
    const { dimension, value } = cell.pick;
    return pick && { label: "filter by it", run: () => pick(dimension, value) };
  }
  const { rowsOf } = cell;
  return rows && rowsOf !== null
    ? { label: "rows behind it", run: () => rows(row.filters, undefined, rowsOf) }
    : undefined;
}

/** From so many columns on a reader may put some away. */
const MANY_COLUMNS = 4;
const FIRST = "sticky left-0 z-[1] bg-inherit";
const HEAD = "sticky top-0 bg-inherit py-1 font-normal text-mark text-faint";

/** One figure a row: a bar from 0 under it. Several: how dark its cell is. */
function shareLook(share: number | null, isOne: boolean) {
  if (share === null) return undefined;
  const colour = `color-mix(in srgb, var(--accent) ${isOne ? 55 : Math.round(share * 26)}%, transparent)`;
  const bar = `linear-gradient(to left, ${colour} ${share * 100}%, transparent ${share * 100}%)`;
  // Under the figure, from edge to edge of it, at the foot of its cell.
  return {
    background: isOne ? `${bar} 0 calc(100% + 4.5px) / 100% 2px no-repeat content-box border-box` : colour,
  };
}

/**
 * Rows as rows, in the order that the reader asks for, a page at a time. On a tile figures are short and carry their change; in a
 * receipt they keep every digit.
 */
export function RowsTable({ rows: shown, caption, drill = NO_DRILL }: RowsTableProps) {
  const [order, setOrder] = useState<Order | null>(null);
  const [page, setPage] = useState(0);
  const [away, setAway] = useState<ReadonlySet<string>>(new Set());
  const rows = ordered(shown.rows, order);
  const first = Math.min(page * PAGE, Math.floor(Math.max(0, rows.length - 1) / PAGE) * PAGE);
  const columns = shown.columns
    .map((column, index) => ({ ...column, index }))
    .filter(({ name, index }) => index === 0 || !away.has(name));
  const isOne = shown.columns.filter(({ isFigure }) => isFigure).length === 1;
  // A figure on a ground of its own does not touch its edge.
  const isOnGround = !isOne && rows.some(({ cells }) => cells.some(({ share }) => share !== null));
  const edge = isOnGround ? "pr-3 last:pr-2" : "pr-3 last:pr-0";
  return (
    <>
      {shown.columns.length >= MANY_COLUMNS && (
        <div className="sticky left-0 flex justify-end">
          <Menu
            trigger={
              <Button look="ghost" className="text-mark">
                <Columns3 className="size-3.5" aria-hidden />
                Columns
              </Button>
            }
          >
            {shown.columns.slice(1).map(({ name, label }) => (
              <MenuItem
                key={name}
                onPick={() => {
                  const next = new Set(away);
                  if (!next.delete(name)) next.add(name);
                  setAway(next);
                }}
              >
                {away.has(name) ? `Show ${label}` : `Put away ${label}`}
              </MenuItem>
            ))}
          </Menu>
        </div>
      )}
      <table className="w-full border-collapse bg-inherit">
        <caption className="sr-only">{caption}</caption>
        <thead className="bg-inherit">
          <tr className="border-line border-b bg-inherit">
            {columns.map(({ name, label, isFigure, index }) => {
              const way = order?.column === index ? order : null;
              const Arrow = way?.isDescending ? ArrowDown : ArrowUp;
              return (
                <th
                  key={name}
                  scope="col"
                  aria-sort={way ? (way.isDescending ? "descending" : "ascending") : undefined}
                  className={classes(
                    HEAD,
                    index === 0 ? "left-0 z-[2]" : "z-[1]",
                    isFigure ? "text-right" : "text-left",
                    edge,
                  )}
                >
                  <button
                    type="button"
                    title={`Sort by ${label}`}
                    onClick={() => setOrder(nextOrder(order, index, isFigure))}
                    className="inline-flex items-center gap-0.5 rounded [text-align:inherit] text-inherit hover:text-ink"
                  >
                    {label}
                    {way && <Arrow className="size-3" aria-hidden />}
                  </button>
                </th>
              );
            })}
            {shown.changes.map((name) => (
              <th key={name} scope="col" className={classes(HEAD, "z-[1] pl-3 text-right whitespace-nowrap")}>
                {shown.against}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="bg-inherit">
          {rows.slice(first, first + PAGE).map((row, rowIndex) => (
            <tr
              // biome-ignore lint/suspicious/noArrayIndexKey: rows have no identity but their place.
              key={rowIndex}
              className={classes(
                "border-line/70 border-b bg-inherit last:border-b-0",
                row.isOfRest && "text-soft",
              )}
            >
              {columns.map(({ name, isFigure, index }) => {
                const cell = row.cells[index];
                if (!cell) return null;
                const further = led(cell, row, drill);
                return (
                  <td
                    key={name}
                    style={shareLook(cell.share, isOne)}
                    className={classes(
                      "py-[4.5px] [overflow-wrap:anywhere]",
                      edge,
                      index === 0 && `${FIRST} min-w-[5.5rem]`,
                      isFigure && "pl-2 text-right whitespace-nowrap",
                      cell.tone && TONE_TEXT[cell.tone],
                    )}
                    title={cell.title}
                  >
                    <Drillable label={further?.label ?? ""} onDrill={further?.run} className="text-left">
                      <bdi>{cell.text}</bdi>
                    </Drillable>
                  </td>
                );
              })}
              {row.changes.map(({ name, ...change }) => (
                <td key={name} className="py-[4.5px] pl-3 text-right whitespace-nowrap">
                  <ChangeMark {...change} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {shown.totals && (
          <tfoot className="bg-inherit">
            <tr className="border-line border-t bg-inherit text-soft">
              {columns.map(({ name, isFigure, index }) => (
                <td
                  key={name}
                  className={classes(
                    "py-[4.5px]",
                    edge,
                    index === 0 && FIRST,
                    isFigure && "text-right font-medium whitespace-nowrap text-ink",
                  )}
                >
                  {index === 0
                    ? shown.totals?.label
                    : (shown.totals?.texts[index] ??
                      (isFigure && <span className="font-normal text-faint">does not add up</span>))}
                </td>
              ))}
              {shown.changes.map((name) => (
                <td key={name} />
              ))}
            </tr>
          </tfoot>
        )}
      </table>
      {rows.length > PAGE && (
        <nav
          aria-label={`Pages of ${caption}`}
          className="sticky left-0 flex items-center justify-end gap-2 py-1 text-mark text-soft"
        >
          <span role="status">
            {fixed(first + 1, 0)} to {fixed(Math.min(first + PAGE, rows.length), 0)} of{" "}
            {fixed(rows.length, 0)}
          </span>
          <Button look="ghost" disabled={first === 0} onClick={() => setPage(first / PAGE - 1)}>
            Back
          </Button>
          <Button
            look="ghost"
            disabled={first + PAGE >= rows.length}
            onClick={() => setPage(first / PAGE + 1)}
          >
            Next
          </Button>
        </nav>
      )}
    </>
  );
}
