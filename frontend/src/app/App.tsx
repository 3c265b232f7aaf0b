import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { BrowserRouter } from "react-router";
import { LiveProvider } from "@/api/LiveProvider";
import { createQueryClient } from "@/api/queryClient";
import { setSignInRequired, useSignInRequired } from "@/api/session";
import { ErrorBoundary } from "@/ui/ErrorBoundary";
import { Pages } from "./Pages";
import { SignInOver } from "./SignInOver";

export function App() {
  const [client] = useState(() => createQueryClient(() => setSignInRequired(true)));
  const signInRequired = useSignInRequired();
  return (
    <ErrorBoundary resetKey="app">
      <QueryClientProvider client={client}>
        <LiveProvider>
          <BrowserRouter>
            <Pages />
          </BrowserRouter>
          {signInRequired && <SignInOver />}
        </LiveProvider>
      </QueryClientProvider>
    </ErrorBoundary>
  );
}
