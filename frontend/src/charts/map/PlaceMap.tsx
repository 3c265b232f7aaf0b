import { type KeyboardEvent, use, useRef, useState } from "react";
import { exactText, shortText } from "@/format/numbers";
import { type Atlas, isWay, neighbour } from "./atlas";
import { classBounds, classColour, classOf, type PlacedValue } from "./classes";

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
  chosen: string | null;
  onChoose: (place: string | null) => void;
}

/** In a tile its legend stays in sight: it is as tall as the tile's rows leave it. */
const ROOM = { maxHeight: "calc(var(--rows, 45rem) - 8rem)" };

/** One stop of the Tab key; arrows go from place to place, Enter or Space chooses, Esc lets go. */
export function PlaceMap({ on, rows, unit, label, chosen, onChoose }: PlaceMapProps) {
  const atlas = use(atlasOf(on));
  const { shapes } = atlas;
  const [current, setCurrent] = useState(chosen ?? rows[0]?.name ?? shapes[0]?.key ?? "");
  const svg = useRef<SVGSVGElement>(null);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const bounds = classBounds(rows);
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
    return `${name}: ${row ? exactText(row.value, unit) : "none"}`;
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
            fill={row ? classColour(classOf(row.size, bounds), bounds.length) : "var(--sunken)"}
            stroke="var(--surface)"
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

/** An end of a class: to the digit while that can be read at a glance. */
const written = (end: number, unit: string | null) =>
  (Math.abs(end) < 1e6 ? exactText : shortText)(end, unit);

/** What the colours stand for. */
export function MapLegend({ rows, unit }: { rows: PlacedValue[]; unit: string | null }) {
  const bounds = classBounds(rows);
  const largest = Math.max(...rows.map((row) => row.size));
  const isWhole = rows.every(({ size }) => Number.isInteger(size));
  // Between whole numbers nothing lies; between others each class ends where the next begins.
  const span = (from: number, next: number | undefined) => {
    const to = next === undefined ? largest : isWhole ? Math.max(from, next - 1) : next;
    if (from === to) return written(from, unit);
    // A dash before a minus would be read as one sign.
    const end = next === undefined || isWhole ? (from < 0 ? " to " : "–") : " to under ";
    return written(from, unit) + end + written(to, unit);
  };
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-3 gap-y-1 text-mark text-soft">
      {bounds.map((from, index) => {
        return (
          <li key={from} className="flex items-center gap-1.5">
            <i
              aria-hidden
              className="swatch size-2.5 rounded-[3px] ring-1 ring-line ring-inset"
              style={{ background: classColour(index, bounds.length) }}
            />
            {span(from, bounds[index + 1])}
          </li>
        );
      })}
    </ul>
  );
}
