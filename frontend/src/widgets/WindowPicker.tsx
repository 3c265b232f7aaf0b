import { useState } from "react";
import type { WindowChoice } from "@/api/types";
import { useWorkspace } from "@/api/workspace";
import { windowsOf } from "@/question/grains";
import {
  dayAfter,
  dayBefore,
  OWN,
  readWindow,
  WINDOW_CHOICES,
  windowName,
  writeWindow,
} from "@/question/windows";
import { FIELD } from "@/ui/fields";

interface WindowPickerProps {
  id: string;
  window: WindowChoice | null;
  onPick: (window: WindowChoice | null) => void;
}

const BETWEEN = "between";
const day = (text: string) => text.slice(0, 10);

/** A window by name, or two days that both belong to it. */
export function WindowPicker({ id, window, onPick }: WindowPickerProps) {
  const [isBetween, setBetween] = useState(typeof window === "object" && window !== null);
  const bounds = typeof window === "object" && window !== null ? window : null;
  const named = bounds === null ? (writeWindow(window) ?? OWN) : BETWEEN;
  const own = ["all", ...windowsOf(useWorkspace().data?.grains)];
  const choices = [...WINDOW_CHOICES, ...own.map((value) => ({ value, label: windowName(value) }))];
  const isListed = named === BETWEEN || choices.some(({ value }) => value === named);
  const [first, setFirst] = useState(bounds ? day(bounds.start) : "");
  const [last, setLast] = useState(bounds ? dayBefore(day(bounds.end)) : "");
  const choose = (start: string, end: string) => {
    setFirst(start);
    setLast(end);
    if (start && end && start <= end) onPick({ start, end: dayAfter(end) });
  };
  return (
    <div className="grid gap-1.5">
      <select
        id={id}
        className={FIELD}
        value={isBetween ? BETWEEN : named}
        onChange={({ target: { value } }) => {
          setBetween(value === BETWEEN);
          if (value !== BETWEEN) onPick(readWindow(value));
        }}
      >
        {!isListed && <option value={named}>{named.replaceAll("_", " ")}</option>}
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {value === OWN ? "The metric's own" : label}
          </option>
        ))}
        <option value={BETWEEN}>Between two days</option>
      </select>
      {isBetween && (
        <div className="grid grid-cols-2 gap-1.5">
          <input
            type="date"
            aria-label="First day"
            className={FIELD}
            value={first}
            max={last}
            onChange={(event) => choose(event.target.value, last)}
          />
          <input
            type="date"
            aria-label="Last day"
            className={FIELD}
            value={last}
            min={first}
            onChange={(event) => choose(first, event.target.value)}
          />
        </div>
      )}
    </div>
  );
}
