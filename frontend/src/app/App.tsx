import { QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { BrowserRouter } from "react-router";
import { onceAnswered } from "@/api/answers";
import { LiveProvider } from "@/api/LiveProvider";
import { createQueryClient } from "@/api/queryClient";
import { followSession, forgetKept, requireSignIn, useSignInRequired } from "@/api/session";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { isFontHeld, loadFonts } from "@/ui/fonts";
import { followReach } from "./offline";
import { Pages } from "./Pages";
import { SignInOver } from "./SignInOver";

export function App() {
  const [client] = useState(() => createQueryClient(requireSignIn, () => void forgetKept()));
  const signInRequired = useSignInRequired();
  useEffect(() => followSession(client), [client]);
  useEffect(() => followReach(client), [client]);
  useEffect(() => (isFontHeld() ? loadFonts() : onceAnswered(client, loadFonts)), [client]);
  return (
    <ErrorBoundary resetKey="app">
      <QueryClientProvider client={client}>
        <LiveProvider>
          <BrowserRouter>
            <Pages />
            {signInRequired && <SignInOver />}
          </BrowserRouter>
        </LiveProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
