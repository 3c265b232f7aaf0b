import { CalendarRange, ChevronDown } from "lucide-react";
import { useState } from "react";
import type { WindowChoice } from "@/api/types";
import { dayAfter, OWN, readWindow, WINDOW_CHOICES, windowName } from "@/question/windows";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { Menu, MenuChoices, MenuItem, MenuSeparator } from "@/ui/Menu";

interface WindowControlProps {
  window: WindowChoice | null;
  onChoose: (window: WindowChoice | null) => void;
}

/** One window for every tile that has one. */
export function WindowControl({ window, onChoose }: WindowControlProps) {
  const [isAsking, setAsking] = useState(false);
  const value = window === null ? OWN : typeof window === "string" ? window : "";
  return (
    <>
      <Menu
        trigger={
          <Button aria-label={`Window: ${windowName(window)}`}>
            {windowName(window)}
            <ChevronDown className="size-3.5 text-faint" aria-hidden />
          </Button>
        }
      >
        <MenuChoices
          value={value}
          choices={WINDOW_CHOICES}
          onPick={(picked) => onChoose(readWindow(picked))}
        />
        <MenuSeparator />
        <MenuItem icon={<CalendarRange aria-hidden />} onPick={() => setAsking(true)}>
          Between two days…
        </MenuItem>
      </Menu>
      <Dialog open={isAsking} onClose={() => setAsking(false)} title="Between two days">
        <BetweenForm
          onChoose={(start, end) => {
            onChoose({ start, end });
            setAsking(false);
          }}
        />
      </Dialog>
    </>
  );
}

function BetweenForm({ onChoose }: { onChoose: (start: string, end: string) => void }) {
  const [start, setStart] = useState("");
  const [end, setEnd] = useState("");
  const isWrong = start !== "" && end !== "" && end < start;
  const field = "rounded-md border border-line bg-surface px-2 py-1.5";
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(start, dayAfter(end));
      }}
    >
      <label className="grid gap-1">
        First day
        <input
          type="date"
          required
          className={field}
          value={start}
          onChange={(event) => setStart(event.target.value)}
        />
      </label>
      <label className="grid gap-1">
        Last day
        <input
          type="date"
          required
          className={field}
          value={end}
          onChange={(event) => setEnd(event.target.value)}
        />
      </label>
      {isWrong && <p className="text-bad">The last day comes before the first.</p>}
      <Button type="submit" look="primary" disabled={!start || !end || isWrong} className="justify-self-end">
        Show this window
      </Button>
    </form>
  );
}
