import { expect, it } from "vitest";
import type { Cell } from "@/api/types";
import { ordered } from "@/charts/order";

const sorted = (values: Cell[], isDescending = false) =>
  ordered(values.map((raw) => ({ key: String(raw), cells: [{ raw, text: String(raw) }] })) as never, {
    column: 0,
    isDescending,
  }).map((row) => row.cells[0]?.raw);

it.each([
  [["9007199254740991", "9007199254740992", "9007199254740993"]],
  [["-9007199254740993", "-9007199254740992", 0]],
  [["2029-06-29T12:00:00Z", "2029-06-29T12:00:00.000001Z", "2029-06-29T12:00:01Z"]],
  [["AB", "AZ", "B"]],
])("sorts %j by what it means, and what has no value last both ways", (values) => {
  const cells: Cell[] = values;
  expect(sorted([null, ...cells].reverse())).toEqual([...cells, null]);
  expect(sorted([null, ...cells], true)).toEqual([...cells].reverse().concat(null));
});
