import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useReconnect } from "@/api/LiveProvider";
import { isSignInRequired, signOut } from "@/api/session";
import { type Command, useOfferCommands } from "@/ui/commands";
import { notify } from "@/ui/notices";
import { setTheme } from "@/ui/theme";
import { sayProblem } from "@/widgets/sayProblem";
import { openWords } from "@/widgets/wordsPlace";

async function leave(client: QueryClient) {
  try {
    await signOut(client);
    if (!isSignInRequired()) notify({ text: "This server asks nobody to sign in." });
  } catch (error) {
    sayProblem(error);
  }
}

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
        run: () => void leave(client),
      },
    ];
  }, [client, reconnect]);
  useOfferCommands(commands);
}
