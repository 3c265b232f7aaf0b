import { type KeyboardEvent, use, useId, useRef, useState } from "react";
import { columnPlaces, exactText, shortText } from "@/format/numbers";
import { classes } from "@/ui/classes";
import { type Atlas, isWay, neighbour } from "./atlas";
import { type Absent, classesOf, type PlacedValue } from "./classes";

export type AtlasName = "states" | "countries";

const LOADS: Record<AtlasName, () => Promise<Atlas>> = {
  states: () => import("./states").then((m) => m.STATES),
  countries: () => import("./countries").then((m) => m.COUNTRIES),
};
const atlases = new Map<AtlasName, Promise<Atlas>>();

/** Each comes with the first map that is drawn on it. */
function atlasOf(name: AtlasName): Promise<Atlas> {
  const held = atlases.get(name) ?? LOADS[name]();
  atlases.set(name, held);
  return held;
}

/** A value at a point of the earth. */
export interface Spot {
  name: string;
  longitude: number;
  latitude: number;
  size: number;
  text: string;
}

interface PlaceMapProps {
  on: AtlasName;
  rows: PlacedValue[];
  unit: string | null;
  label: string;
  absent: Absent;
  chosen: string | null;
  onChoose: (place: string | null) => void;
}

/** In a tile its legend stays in sight: it is as tall as the tile's rows leave it. */
const ROOM = { maxHeight: "calc(var(--rows, 45rem) - 8rem)" };

const NONE = "var(--sunken)";

/** As cells of a heat map have it that nothing is known of. */
const NoDataHatch = ({ id }: { id: string }) => (
  <pattern id={id} width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(135)">
    <rect width="7" height="7" fill="var(--surface)" />
    <rect width="1.6" height="7" fill="var(--line)" />
  </pattern>
);

/** One stop of the Tab key; arrows go from place to place, Enter or Space chooses, Esc lets go. */
export function PlaceMap({ on, rows, unit, label, absent, chosen, onChoose }: PlaceMapProps) {
  const atlas = use(atlasOf(on));
  const { shapes } = atlas;
  const [current, setCurrent] = useState(chosen ?? rows[0]?.name ?? shapes[0]?.key ?? "");
  const svg = useRef<SVGSVGElement>(null);
  const hatch = useId();
  const byName = new Map(rows.map((row) => [row.name, row]));
  const legend = classesOf(rows);
  const colourOf = ({ size }: PlacedValue) => legend.find(({ high }) => size <= high.size)?.colour;
  const top = shapes.filter(({ key }) => key === chosen || key === current);
  const focusOn = (name: string) => {
    setCurrent(name);
    svg.current?.querySelector<SVGPathElement>(`[data-state="${CSS.escape(name)}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent, name: string) => {
    if (isWay(event.key)) focusOn(neighbour(shapes, name, event.key));
    else if (event.key === "Enter" || event.key === " ") onChoose(name === chosen ? null : name);
    else if (event.key === "Escape" && chosen !== null) onChoose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const words = (key: string, name: string) => {
    const row = byName.get(key);
    return `${name}: ${row ? exactText(row.value, unit) : absent}`;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset.
    <svg
      ref={svg}
      viewBox={atlas.view}
      role="group"
      aria-label={`${label}. Arrow keys go from place to place.`}
      className="mx-auto block h-auto w-full max-w-[640px]"
      style={ROOM}
    >
      <NoDataHatch id={hatch} />
      {shapes.map(({ key, name, path }) => {
        const row = byName.get(key);
        return (
          // biome-ignore lint/a11y/useSemanticElements: a place is drawn, and HTML buttons cannot be.
          <path
            key={key}
            d={path}
            role="button"
            data-state={key}
            tabIndex={key === current ? 0 : -1}
            aria-label={words(key, name)}
            aria-pressed={key === chosen}
            onClick={() => {
              setCurrent(key);
              onChoose(key === chosen ? null : key);
            }}
            onFocus={() => setCurrent(key)}
            onKeyDown={(event) => onKey(event, key)}
            fill={row ? colourOf(row) : absent === "none" ? NONE : `url(#${hatch})`}
            stroke={row || absent === "none" ? "var(--surface)" : "var(--line)"}
            strokeWidth="1.2"
            className="state-shape cursor-pointer outline-none transition-[fill] duration-300"
          >
            <title>{words(key, name)}</title>
          </path>
        );
      })}
      {top.map(({ key, path }) => (
        <path
          key={key}
          d={path}
          aria-hidden
          fill="none"
          pointerEvents="none"
          stroke={key === chosen ? "var(--ink)" : "var(--accent)"}
          strokeWidth={key === chosen ? 2.4 : 3}
          className={key === chosen ? "" : "state-outline"}
        />
      ))}
    </svg>
  );
}

const LARGEST = 26;

interface SpotMapProps {
  on: AtlasName;
  label: string;
  spots: Spot[];
}

/** Points whose areas are as large as their values, the largest below, so that each can be pointed at. */
export function SpotMap({ on, label, spots }: SpotMapProps) {
  const own = use(atlasOf(on));
  const isMissed = ({ longitude, latitude }: Spot) => own.spot(longitude, latitude) === null;
  // San Juan and Toronto lie near the states, and not on every drawing of them: no point is left out in silence.
  const atlas = spots.some(isMissed) ? use(atlasOf("countries")) : own;
  const most = Math.max(...spots.map(({ size }) => size));
  const placed = [...spots].sort((a, b) => b.size - a.size);
  return (
    <svg
      viewBox={atlas.view}
      role="img"
      aria-label={label}
      className="mx-auto block h-auto w-full max-w-[720px]"
      style={ROOM}
    >
      {atlas.shapes.map(({ key, path }) => (
        <path key={key} d={path} fill="var(--sunken)" stroke="var(--surface)" strokeWidth="1.2" />
      ))}
      {placed.map(({ name, longitude, latitude, size, text }, at) => {
        const spot = atlas.spot(longitude, latitude);
        if (!spot) return null;
        return (
          <circle
            // biome-ignore lint/suspicious/noArrayIndexKey: two points may have one name.
            key={at}
            cx={spot[0]}
            cy={spot[1]}
            r={most > 0 ? Math.max(1.5, LARGEST * Math.sqrt(size / most)) : 1.5}
            className="mark"
            fill="var(--accent)"
            fillOpacity="0.55"
            stroke="var(--surface)"
            strokeWidth="1"
          >
            <title>{`${name}: ${text}`}</title>
          </circle>
        );
      })}
    </svg>
  );
}

/** What the colours stand for, each from the lowest to the highest that has it. */
export function MapLegend({ on, rows, unit, absent }: Omit<PlaceMapProps, "label" | "chosen" | "onChoose">) {
  const { shapes } = use(atlasOf(on));
  const legend = classesOf(rows);
  const ends = legend.flatMap(({ low, high }) => [low.value, high.value]);
  const places = columnPlaces(ends, unit);
  const written = (end: PlacedValue) => shortText(end.value, unit, null, places);
  const span = (low: PlacedValue, high: PlacedValue) =>
    // A dash before a minus would be read as one sign.
    low.size === high.size ? written(low) : written(low) + (low.size < 0 ? " to " : "–") + written(high);
  const isAll = rows.length === shapes.length;
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-3 gap-y-1 text-mark text-soft">
      {legend.map(({ colour, low, high }) => (
        <li key={colour} className="flex items-center gap-1.5">
          <i
            aria-hidden
            className="swatch size-2.5 rounded-[3px] ring-1 ring-line ring-inset"
            style={{ background: colour }}
          />
          {span(low, high)}
        </li>
      ))}
      {!isAll && (
        <li className="flex items-center gap-1.5">
          <i
            aria-hidden
            className={classes(
              "swatch size-2.5 rounded-[3px] ring-1 ring-line ring-inset",
              absent === "none" ? "bg-sunken" : "no-data",
            )}
          />
          {absent}
        </li>
      )}
    </ul>
  );
}
