/** Values of states, countries or points on a map. What is none of them is said, and never left out in silence. */
import { exactText, fixed, numberOf } from "@/format/numbers";
import { isolated } from "@/format/values";
import { placeNames, placesNamed } from "@/question/places";
import { cellAt, type ValueColumn } from "../columns";
import { absentCell, type Dimension, type Frame } from "../frame";
import type { PlacedValue } from "../map/classes";
import { countryNumber } from "../map/countryNames";
import type { AtlasName, Spot } from "../map/PlaceMap";
import { stateName } from "../map/stateNames";
import { type Context, notes } from "../plan";
import type { FurtherDrawn } from "./drawn";

const MOST_NAMED = 3;

const KEYS: Record<AtlasName, (text: string) => string | null> = {
  states: stateName,
  countries: countryNumber,
};

const found = (frame: Frame, place: Dimension, on: AtlasName): number =>
  frame.rows.filter((row) => {
    const cell = cellAt(row, place.index);
    return typeof cell === "string" && KEYS[on](cell) !== null;
  }).length;

/** CA is California and Canada: what the dimension is called says which, else the map that has more of the values. */
function atlasFor(frame: Frame, place: Dimension): AtlasName {
  const named = placesNamed(`${place.column.name} ${place.label}`);
  if (named === "countries") return named;
  const [states, countries] = [found(frame, place, "states"), found(frame, place, "countries")];
  if (named === "states" && states > 0) return named;
  return countries > states ? "countries" : "states";
}

const WHAT: Record<AtlasName, string> = {
  states: "a state of the United States",
  countries: "a country of the map",
};

function byPlace(frame: Frame, value: ValueColumn, place: Dimension, label: string): FurtherDrawn {
  const on = atlasFor(frame, place);
  const raw = new Map<string, Parameters<typeof place.nameOf>[0]>();
  const rows: PlacedValue[] = [];
  const others: string[] = [];
  let without = 0;
  for (const row of frame.rows) {
    const cell = cellAt(row, place.index);
    const name = typeof cell === "string" ? KEYS[on](cell) : null;
    const [held, size] = [cellAt(row, value.index), numberOf(cellAt(row, value.index))];
    // Two spellings of one place are two values: the page adds nothing up, so the second is told of.
    if (name === null || raw.has(name)) others.push(place.nameOf(cell));
    else if (size === null) without += 1;
    else {
      raw.set(name, cell);
      rows.push({ name, value: held, size });
    }
  }
  if (rows.length === 0)
    return { as: "refused", why: `No value of ${place.label.toLowerCase()} is ${WHAT[on]}.` };
  const named =
    others.slice(0, MOST_NAMED).map(isolated).join(", ") + (others.length > MOST_NAMED ? ", …" : "");
  const note = notes(
    others.length > 0 ? `${fixed(others.length, 0)} not on the map: ${named}` : "",
    without > 0 ? `${fixed(without, 0)} without a value` : "",
    frame.isCut ? "rows were left out" : "",
  );
  return {
    as: "map",
    places: {
      label,
      on,
      spots: [],
      dimension: place.column.name,
      raw,
      rows,
      absent: absentCell(frame, value) === 0 ? "none" : "no data",
      unit: value.column.unit,
      note: note || null,
    },
  };
}

/** About the box that the states and their seas lie in. */
const isInStates = ({ longitude, latitude }: Spot) =>
  latitude > 18 && latitude < 72 && longitude > -180 && longitude < -65;

interface Point {
  latitude: Dimension;
  longitude: Dimension;
  named: Dimension | undefined;
}

function byPoint(frame: Frame, value: ValueColumn, at: Point, label: string): FurtherDrawn {
  const { latitude, longitude, named } = at;
  const { unit } = value.column;
  const missed = { place: 0, value: 0, below: 0 };
  const spots = frame.rows.flatMap((row): Spot[] => {
    const [y, x] = [numberOf(cellAt(row, latitude.index)), numberOf(cellAt(row, longitude.index))];
    const size = numberOf(cellAt(row, value.index));
    if (x === null || y === null || Math.abs(y) > 90 || Math.abs(x) > 180) missed.place += 1;
    else if (size === null) missed.value += 1;
    // An area has no size below 0.
    else if (size < 0) missed.below += 1;
    else {
      const name = named ? named.nameOf(cellAt(row, named.index)) : `${y}, ${x}`;
      return [{ name, longitude: x, latitude: y, size, text: exactText(cellAt(row, value.index), unit) }];
    }
    return [];
  });
  if (spots.length === 0) return { as: "refused", why: "No row has a point of the earth and a value." };
  const largest = spots.reduce((most, each) => (each.size > most.size ? each : most));
  const note = notes(
    `areas by ${frame.labelOf(value).toLowerCase()}, the largest ${largest.text}`,
    missed.place > 0 ? `${fixed(missed.place, 0)} without a place` : "",
    missed.value > 0 ? `${fixed(missed.value, 0)} without a value` : "",
    missed.below > 0 ? `${fixed(missed.below, 0)} below 0 not drawn` : "",
    frame.isCut ? "rows were left out" : "",
  );
  return {
    as: "map",
    places: {
      label,
      on: spots.every(isInStates) ? "states" : "countries",
      spots,
      dimension: named?.label ?? "Place",
      raw: new Map(),
      rows: [],
      absent: "no data",
      unit,
      note,
    },
  };
}

export function map({ frame }: Context, label: string): FurtherDrawn {
  const [value, ...more] = frame.values;
  const why = "A map shows one metric by state or country, or by latitude and longitude, and nothing else.";
  if (!value || more.length > 0 || frame.time !== null) return { as: "refused", why };
  const names = frame.dimensions.map(({ column }) => column.name);
  const points = placeNames(names);
  const of = (name: string) => frame.dimensions.find(({ column }) => column.name === name);
  const [latitude, longitude] = points ? [of(points.latitude), of(points.longitude)] : [];
  if (latitude && longitude) {
    const named = frame.dimensions.find((each) => each !== latitude && each !== longitude);
    return byPoint(frame, value, { latitude, longitude, named }, label);
  }
  const [place, ...others] = frame.dimensions;
  return place && others.length === 0 ? byPlace(frame, value, place, label) : { as: "refused", why };
}
