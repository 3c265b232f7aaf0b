import { Dialog } from "@base-ui/react/dialog";
import { Command } from "cmdk";
import { useRef, useState } from "react";
import { useNavigate } from "react-router";
import { classes } from "@/ui/classes";
import type { Command as Offered } from "@/ui/commands";
import { matches } from "@/ui/matches";
import { setPaletteOpen } from "@/ui/paletteState";
import { openWords } from "@/widgets/wordsPlace";
import { usePaletteCommands } from "./usePaletteCommands";

const ITEM =
  "flex items-center justify-between gap-3 rounded-md px-3 py-1.5 select-none data-[selected=true]:bg-sunken aria-selected:bg-sunken";

/** Names that begin with the search come first, then names that hold it, then other words for the same. */
function rank(_id: string, search: string, [label = "", words = ""]: string[] = []): number {
  if (label.toLowerCase().startsWith(search.trim().toLowerCase())) return 1;
  if (matches(search, label)) return 0.8;
  return matches(search, label, words) ? 0.5 : 0;
}

function grouped(commands: Offered[]): [string, Offered[]][] {
  const groups = new Map<string, Offered[]>();
  for (const command of commands) groups.set(command.group, [...(groups.get(command.group) ?? []), command]);
  return [...groups];
}

/** Every page, dashboard, metric and action, a few keys away. */
export function Palette() {
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const words = typed.trim();
  const commands = usePaletteCommands((to) => void navigate(to));
  const run = (command: Offered) => {
    setPaletteOpen(false);
    command.run();
  };
  return (
    <Dialog.Root open onOpenChange={setPaletteOpen}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-[#0b0d10]/40" />
        <Dialog.Popup
          initialFocus={input}
          className="fixed top-[12dvh] left-1/2 z-50 w-[calc(100vw-24px)] max-w-[44.615rem] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-sheet outline-none"
        >
          <Dialog.Title className="sr-only">Find a metric, a page or an action</Dialog.Title>
          <Command label="Commands" loop filter={rank}>
            <Command.Input
              ref={input}
              value={typed}
              onValueChange={setTyped}
              placeholder="Find a metric, a page or an action"
              className="w-full border-line border-b bg-transparent px-4 py-3 text-said outline-none"
            />
            <Command.List className="max-h-[min(56dvh,460px)] overflow-y-auto p-1.5">
              <Command.Empty className="px-3 py-6 text-center text-soft">
                Nothing is called that.
              </Command.Empty>
              {words.length > 2 && (
                <Command.Item
                  forceMount
                  value="words"
                  onSelect={() => {
                    setPaletteOpen(false);
                    openWords({ words });
                  }}
                  className={classes(ITEM, "order-last")}
                >
                  <span className="min-w-0 truncate">
                    Add a widget: <span className="text-soft">“{words}”</span>
                  </span>
                </Command.Item>
              )}
              {grouped(commands).map(([group, members]) => (
                <Command.Group
                  key={group}
                  heading={group}
                  className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-mark [&_[cmdk-group-heading]]:text-faint"
                >
                  {members.map((command) => (
                    <Command.Item
                      key={command.id}
                      value={command.id}
                      keywords={[command.label, command.words ?? ""]}
                      onSelect={() => run(command)}
                      className={ITEM}
                    >
                      {command.label}
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
