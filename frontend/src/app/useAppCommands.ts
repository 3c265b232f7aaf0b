import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useReconnect } from "@/api/LiveProvider";
import { signOut } from "@/api/session";
import { type Command, useOfferCommands } from "@/ui/commands";
import { setTheme } from "@/ui/theme";
import { openWords } from "@/widgets/wordsPlace";

/** What can be done on every page. */
export function useAppCommands() {
  const client = useQueryClient();
  const reconnect = useReconnect();
  const commands = useMemo<Command[]>(() => {
    const group = "Actions";
    return [
      {
        id: "add-widget",
        group,
        label: "Add a widget…",
        words: "new create chart words ask",
        run: () => openWords(),
      },
      { id: "theme-light", group, label: "Theme: light", run: () => setTheme("light") },
      { id: "theme-dark", group, label: "Theme: dark", run: () => setTheme("dark") },
      { id: "theme-system", group, label: "Theme: as the system", run: () => setTheme("system") },
      { id: "reconnect", group, label: "Reconnect the live stream", run: reconnect },
      {
        id: "sign-out",
        group,
        label: "Sign out",
        run: () => void signOut().finally(() => client.resetQueries()),
      },
    ];
  }, [client, reconnect]);
  useOfferCommands(commands);
}
