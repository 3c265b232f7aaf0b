/** Each row at its two values: the first metric across, the second up. */
import { exactText, fixed, numberOf } from "@/format/numbers";
import { joined } from "@/format/values";
import { cellAt, type ValueColumn } from "../columns";
import { bucketNames, type Frame, rowKey, rowName } from "../frame";
import { type Context, HUES, type Hue, notes } from "../plan";
import { axisExtent, extremes, isCounted, notFromZero } from "../scale";
import { rowFilters } from "../split";
import type { Axis, FurtherDrawn, Point } from "./drawn";

const MOST = 2_000;

function axisOf(values: number[], { column }: ValueColumn, name: string): Axis {
  const isWhole = isCounted(values, column.unit);
  const extent = axisExtent(extremes(values), { isWhole, mayLeave: true });
  const axis: Axis = { ...extent, unit: column.unit, reason: null, name };
  return { ...axis, reason: notFromZero(axis, name) };
}

/** Time is a key like another here: its bucket names the point. */
function nameOf(row: Frame["rows"][number], frame: Frame, labels: ReadonlyMap<string, string>): string {
  const bucket = frame.time === null ? null : String(cellAt(row, frame.time));
  const label = bucket === null ? null : (labels.get(bucket) ?? bucket);
  return joined([label ?? "", rowName(row, frame.dimensions)].filter(Boolean));
}

export function scatter({ frame, widget, hueOf }: Context, label: string): FurtherDrawn {
  const [across, up] = frame.values;
  if (!across || !up || (frame.time === null && frame.dimensions.length === 0))
    return { as: "refused", why: "Points show two metrics, one across and one up, for each group." };
  const coloured = frame.dimensions.find(({ column }) => column.name === widget.series);
  const keys = [...new Set(coloured ? frame.rows.map((row) => rowKey(row, [coloured.index])) : [])];
  const shownKeys = keys.length > HUES ? keys.slice(0, HUES - 1) : keys;
  const hues = coloured && keys.length > 1 ? hueOf(coloured.column.name, shownKeys) : null;
  const hue = (row: Frame["rows"][number]): Hue =>
    coloured && hues ? (hues.get(rowKey(row, [coloured.index])) ?? "others") : "accent";
  const labels = bucketNames(frame);
  const partial = new Set(frame.buckets.flatMap(({ key, state }) => (state === "whole" ? [] : [key])));
  const whole = frame.rows.filter(
    (row) => frame.time === null || !partial.has(String(cellAt(row, frame.time))),
  );
  const points = whole.flatMap((row): Point[] => {
    const [a, b] = [cellAt(row, across.index), cellAt(row, up.index)];
    const [x, y] = [numberOf(a), numberOf(b)];
    if (x === null || y === null) return [];
    const texts: Point["texts"] = [exactText(a, across.column.unit), exactText(b, up.column.unit)];
    return [
      { name: nameOf(row, frame, labels), x, y, hue: hue(row), texts, filters: rowFilters(row, frame) },
    ];
  });
  if (points.length === 0) return { as: "refused", why: "No group has both values." };
  const shown = points.slice(0, MOST);
  const [xName, yName] = [frame.labelOf(across), frame.labelOf(up)];
  const x = axisOf(
    shown.map((each) => each.x),
    across,
    xName,
  );
  const y = axisOf(
    shown.map((each) => each.y),
    up,
    yName,
  );
  const note = notes(
    whole.length > points.length ? `${fixed(whole.length - points.length, 0)} without both values` : "",
    frame.rows.length > whole.length ? `${fixed(frame.rows.length - whole.length, 0)} partial left out` : "",
    points.length > MOST ? `the first ${fixed(MOST, 0)} of ${fixed(points.length, 0)}` : "",
    frame.isCut ? "rows were left out" : "",
    x.reason ?? "",
  );
  const rest = keys.length - shownKeys.length;
  const legend = hues
    ? [
        ...shownKeys.map((key) => {
          const row = frame.rows.find((each) => coloured && rowKey(each, [coloured.index]) === key);
          return {
            name: row && coloured ? coloured.nameOf(cellAt(row, coloured.index)) : "",
            hue: hues.get(key) ?? "others",
          };
        }),
        ...(rest > 0 ? [{ name: `others (${rest})`, hue: "others" as const }] : []),
      ]
    : [];
  const told = shown.slice(0, 8).map(({ name, texts }) => `${name} ${texts.join(" and ")}`);
  if (shown.length > told.length) told.push(`and ${shown.length - told.length} more`);
  const reasons = [x.reason, y.reason].filter(Boolean);
  return {
    as: "points",
    points: {
      label,
      x,
      y,
      points: shown,
      legend,
      note: note || null,
      sentence: `${label}: ${xName} across, ${yName} up; ${[...told, ...reasons].join("; ")}.`,
    },
  };
}
