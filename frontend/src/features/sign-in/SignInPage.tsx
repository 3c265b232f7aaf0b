import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { problemOf } from "@/api/problem";
import { SESSION, signIn, useSession } from "@/api/session";
import { Button } from "@/ui/Button";
import { Card, Field } from "./parts";

/** Asks for an address and its password, or for the server's token. They go to the server once; a cookie that no script reads comes back. */
export function SignInPage() {
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const { data: session, isError } = useSession();
  const [choice, setChoice] = useState<"password" | "token" | null>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const hasPeople = session?.ways.includes("password") ?? false;
  const way = choice ?? (hasPeople ? "password" : "token");
  const isToken = way === "token";

  // What is remembered is the session that has ended, and says nothing of the ways into the next.
  useEffect(() => {
    void client.resetQueries({ queryKey: SESSION });
    setAsked(true);
  }, [client]);
  if (!isAsked || (session?.who !== null && !isError)) return null;

  const submit = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      await signIn(client, isToken ? { token } : { email, password });
    } catch (error) {
      setTrouble(problemOf(error).detail);
    } finally {
      setBusy(false);
    }
  };
  const turnTo = (next: "password" | "token") => {
    setTrouble(null);
    setChoice(next);
  };

  return (
    <Card
      says={
        isToken
          ? "This server asks for its token: the value of ASSAY_TOKEN where it runs."
          : "Sign in to see the numbers."
      }
      trouble={trouble}
      action="Sign in"
      isBusy={isBusy}
      isReady={isToken ? token !== "" : email !== "" && password !== ""}
      onSubmit={() => void submit()}
      below={
        hasPeople && (
          <Button look="ghost" onClick={() => turnTo(isToken ? "password" : "token")}>
            {isToken ? "Sign in with an email address" : "Sign in with the server's token"}
          </Button>
        )
      }
    >
      {isToken ? (
        <Field
          key="token"
          label="Token"
          type="password"
          name="token"
          autoComplete="current-password"
          value={token}
          isWrong={trouble !== null}
          onText={setToken}
        />
      ) : (
        <>
          <Field
            label="Email address"
            type="email"
            name="email"
            autoComplete="username"
            value={email}
            isWrong={trouble !== null}
            onText={setEmail}
          />
          <Field
            key="password"
            label="Password"
            type="password"
            name="password"
            autoComplete="current-password"
            value={password}
            isWrong={trouble !== null}
            onText={setPassword}
          />
        </>
      )}
    </Card>
  );
}
