import { useMemo } from "react";
import type { WindowChoice } from "@/api/types";
import { OWN, readWindow, WINDOW_CHOICES } from "@/question/windows";
import { type Command, useOfferCommands } from "@/ui/commands";
import type { DashboardTask } from "./DashboardMenu";

const TASKS: [DashboardTask, string][] = [
  ["new", "New dashboard…"],
  ["copy", "Duplicate this dashboard…"],
  ["rename", "Rename this dashboard…"],
  ["import", "Import a dashboard from YAML…"],
];

interface Actions {
  chooseWindow: (window: WindowChoice | null) => void;
  askAllAgain: () => void;
  /** Null where whoever asks may not. */
  edit: (() => void) | null;
  reset: (() => void) | null;
  toggleRail: () => void;
  setTask: (task: DashboardTask) => void;
}

/** What the palette can do while a dashboard is shown. */
export function useDashboardCommands({
  chooseWindow,
  askAllAgain,
  edit,
  reset,
  toggleRail,
  setTask,
}: Actions) {
  const commands = useMemo<Command[]>(() => {
    const group = "This dashboard";
    const own: Command[] = [
      { id: "ask-all", group, label: "Ask every tile again", words: "refresh reload", run: askAllAgain },
      { id: "my-widgets", group, label: "My widgets", words: "saved rail", run: toggleRail },
    ];
    if (edit) {
      own.push({
        id: "edit-layout",
        group,
        label: "Arrange tiles",
        words: "edit layout move resize",
        run: edit,
      });
      for (const [task, label] of TASKS)
        own.push({ id: `dashboard-${task}`, group, label, words: "dashboard", run: () => setTask(task) });
    }
    if (reset) own.push({ id: "reset-layout", group, label: "Reset to file…", words: "layout", run: reset });
    const windows = WINDOW_CHOICES.map(({ value, label }) => ({
      id: `window-${value}`,
      group: "Window",
      label: value === OWN ? "Window: each metric's own" : `Window: ${label.toLowerCase()}`,
      run: () => chooseWindow(readWindow(value)),
    }));
    return [...own, ...windows];
  }, [chooseWindow, askAllAgain, edit, reset, toggleRail, setTask]);
  useOfferCommands(commands);
}
