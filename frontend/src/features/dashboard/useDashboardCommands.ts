import { useMemo } from "react";
import type { WindowChoice } from "@/api/types";
import { type Command, useOfferCommands } from "@/ui/commands";
import { OWN, readWindow, WINDOW_CHOICES } from "@/widgets/windowChoices";

interface Actions {
  chooseWindow: (window: WindowChoice | null) => void;
  askAllAgain: () => void;
  edit: () => void;
  reset: (() => void) | null;
}

/** What the palette can do while a dashboard is shown. */
export function useDashboardCommands({ chooseWindow, askAllAgain, edit, reset }: Actions) {
  const commands = useMemo<Command[]>(() => {
    const group = "This dashboard";
    const own: Command[] = [
      { id: "ask-all", group, label: "Ask every tile again", words: "refresh reload", run: askAllAgain },
      { id: "edit-layout", group, label: "Arrange tiles", words: "edit layout move resize", run: edit },
    ];
    if (reset) own.push({ id: "reset-layout", group, label: "Reset to file…", words: "layout", run: reset });
    const windows = WINDOW_CHOICES.map(({ value, label }) => ({
      id: `window-${value}`,
      group: "Window",
      label: value === OWN ? "Window: each metric's own" : `Window: ${label.toLowerCase()}`,
      run: () => chooseWindow(readWindow(value)),
    }));
    return [...own, ...windows];
  }, [chooseWindow, askAllAgain, edit, reset]);
  useOfferCommands(commands);
}
