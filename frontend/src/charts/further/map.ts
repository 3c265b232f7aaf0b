/** Values of states on a map. What is no state is said, and never left out in silence. */
import { fixed, numberOf } from "@/format/numbers";
import { cellAt } from "../columns";
import type { PlacedValue } from "../map/stateClasses";
import { stateName } from "../map/stateNames";
import type { Context } from "../plan";
import type { FurtherDrawn } from "./drawn";

const MOST_NAMED = 3;

export function map({ frame }: Context, label: string): FurtherDrawn {
  const [value] = frame.values;
  const [place] = frame.dimensions;
  if (!value || !place || frame.values.length > 1 || frame.dimensions.length > 1 || frame.time !== null)
    return { as: "refused", why: "A map shows one metric, split by state and nothing else." };
  const raw = new Map<string, Parameters<typeof place.nameOf>[0]>();
  const rows: PlacedValue[] = [];
  const others: string[] = [];
  let without = 0;
  for (const row of frame.rows) {
    const cell = cellAt(row, place.index);
    const name = typeof cell === "string" ? stateName(cell) : null;
    const [held, size] = [cellAt(row, value.index), numberOf(cellAt(row, value.index))];
    // Two spellings of one state are two values: the page adds nothing up, so the second is told of.
    if (name === null || raw.has(name)) others.push(place.nameOf(cell));
    else if (size === null) without += 1;
    else {
      raw.set(name, cell);
      rows.push({ name, value: held, size });
    }
  }
  if (rows.length === 0)
    return {
      as: "refused",
      why: `No value of ${place.label.toLowerCase()} is a state of the United States.`,
    };
  const named = others.slice(0, MOST_NAMED).join(", ") + (others.length > MOST_NAMED ? ", …" : "");
  const notes = [
    others.length > 0 ? `${fixed(others.length, 0)} not on the map: ${named}` : "",
    without > 0 ? `${fixed(without, 0)} without a value` : "",
    frame.isCut ? "rows were left out" : "",
  ].filter(Boolean);
  return {
    as: "map",
    places: {
      label,
      dimension: place.column.name,
      raw,
      rows,
      unit: value.column.unit,
      note: notes.length > 0 ? notes.join(" · ") : null,
    },
  };
}
