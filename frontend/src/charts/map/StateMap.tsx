import { type KeyboardEvent, useRef, useState } from "react";
import { exactText } from "@/format/numbers";
import { classBounds, classColour, classOf, type PlacedValue } from "./stateClasses";
import { HEIGHT, isWay, neighbour, STATES, WIDTH } from "./stateShapes";

interface StateMapProps {
  rows: PlacedValue[];
  unit: string | null;
  label: string;
  chosen: string | null;
  onChoose: (state: string | null) => void;
}

/** One stop of the Tab key; arrows go from state to state, Enter or Space chooses, Esc lets go. */
export function StateMap({ rows, unit, label, chosen, onChoose }: StateMapProps) {
  const [current, setCurrent] = useState(chosen ?? rows[0]?.name ?? STATES[0]?.name ?? "");
  const svg = useRef<SVGSVGElement>(null);
  const byName = new Map(rows.map((row) => [row.name, row]));
  const bounds = classBounds(rows);
  const top = STATES.filter(({ name }) => name === chosen || name === current);
  const focusOn = (name: string) => {
    setCurrent(name);
    svg.current?.querySelector<SVGPathElement>(`[data-state="${CSS.escape(name)}"]`)?.focus();
  };
  const onKey = (event: KeyboardEvent, name: string) => {
    if (isWay(event.key)) focusOn(neighbour(name, event.key));
    else if (event.key === "Enter" || event.key === " ") onChoose(name === chosen ? null : name);
    else if (event.key === "Escape" && chosen !== null) onChoose(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const words = (name: string) => {
    const row = byName.get(name);
    return `${name}: ${row ? exactText(row.value, unit) : "none"}`;
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a drawing is no fieldset.
    <svg
      ref={svg}
      viewBox={`-60 4 ${WIDTH + 62} ${HEIGHT}`}
      role="group"
      aria-label={`${label}. Arrow keys go from state to state.`}
      className="mx-auto block h-auto w-full max-w-[640px]"
    >
      {STATES.map(({ name, path }) => {
        const row = byName.get(name);
        return (
          // biome-ignore lint/a11y/useSemanticElements: a state is drawn, and HTML buttons cannot be.
          <path
            key={name}
            d={path}
            role="button"
            data-state={name}
            tabIndex={name === current ? 0 : -1}
            aria-label={words(name)}
            aria-pressed={name === chosen}
            onClick={() => {
              setCurrent(name);
              onChoose(name === chosen ? null : name);
            }}
            onFocus={() => setCurrent(name)}
            onKeyDown={(event) => onKey(event, name)}
            fill={row ? classColour(classOf(row.size, bounds), bounds.length) : "var(--sunken)"}
            stroke="var(--surface)"
            strokeWidth="1.2"
            className="state-shape cursor-pointer outline-none transition-[fill] duration-300"
          >
            <title>{words(name)}</title>
          </path>
        );
      })}
      {top.map(({ name, path }) => (
        <path
          key={name}
          d={path}
          aria-hidden
          fill="none"
          pointerEvents="none"
          stroke={name === chosen ? "var(--ink)" : "var(--accent)"}
          strokeWidth={name === chosen ? 2.4 : 3}
          className={name === chosen ? "" : "state-outline"}
        />
      ))}
    </svg>
  );
}

/** What the colours stand for. */
export function MapLegend({ rows, unit }: { rows: PlacedValue[]; unit: string | null }) {
  const bounds = classBounds(rows);
  const largest = Math.max(...rows.map((row) => row.size));
  const isWhole = rows.every(({ size }) => Number.isInteger(size));
  // Between whole numbers nothing lies; between others each class ends where the next begins.
  const span = (from: number, next: number | undefined) => {
    const to = next === undefined ? largest : isWhole ? Math.max(from, next - 1) : next;
    if (from === to) return exactText(from, unit);
    const end = next === undefined || isWhole ? "–" : " to under ";
    return exactText(from, unit) + end + exactText(to, unit);
  };
  return (
    <ul aria-label="Legend" className="flex flex-wrap gap-x-3 gap-y-1 text-mark text-soft">
      {bounds.map((from, index) => {
        return (
          <li key={from} className="flex items-center gap-1.5">
            <i
              aria-hidden
              className="size-2.5 rounded-[3px] ring-1 ring-line ring-inset"
              style={{ background: classColour(index, bounds.length) }}
            />
            {span(from, bounds[index + 1])}
          </li>
        );
      })}
    </ul>
  );
}
