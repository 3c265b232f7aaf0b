import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import { problemOf } from "@/api/problem";
import { goToProvider, SESSION, signIn, useSession } from "@/api/session";
import { Button } from "@/ui/Button";
import { Card, Field } from "./parts";

const HASH = "#sign-in=";
/** How a sign-in with a provider of identity ended, as `src/assay/web/oidc.py` names it. */
const ENDED: Record<string, string> = {
  again: "This sign-in was begun elsewhere, or too long ago. Please begin again.",
  refused: "The provider did not sign you in.",
  "no-role": "The provider knows you, but you have no role here. Ask an admin for one.",
  disabled: "You are not let in any more. Ask an admin.",
  away: "The provider does not answer as it should. Try again in a moment.",
  failed: "What the provider sent does not prove who you are. The audit log says why.",
};

const endedIn = (hash: string): string | null =>
  hash.startsWith(HASH) ? (ENDED[hash.slice(HASH.length)] ?? null) : null;

type Way = "password" | "token";
const TURN: Record<Way, string> = {
  password: "Sign in with an email address",
  token: "Sign in with the server's token",
};

/** Asks for an address and its password, or for the server's token. They go to the server once; a cookie that no script reads comes back. */
export function SignInPage() {
  const client = useQueryClient();
  const [isAsked, setAsked] = useState(false);
  const { data: session, isError } = useSession();
  const { hash, pathname, search } = useLocation();
  const navigate = useNavigate();
  const [choice, setChoice] = useState<Way | null>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [token, setToken] = useState("");
  const [code, setCode] = useState<string | null>(null);
  const [trouble, setTrouble] = useState(() => endedIn(hash));
  const [isBusy, setBusy] = useState(false);
  const ways: Way[] = session?.ways ?? ["token"];
  const providers = session?.providers ?? [];
  const way = choice ?? (ways.includes("password") || providers.length === 0 ? (ways[0] ?? "token") : null);
  const isToken = way === "token";

  useEffect(() => {
    if (hash.startsWith(HASH)) navigate({ pathname, search }, { replace: true });
  }, [hash, pathname, search, navigate]);

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
      await signIn(client, isToken ? { token } : { email, password, ...(code && { code }) });
    } catch (error) {
      const { kind, detail } = problemOf(error);
      // The password is right: what is asked for now is one thing more.
      if (kind === "second_factor_required") setCode("");
      else setTrouble(detail);
    } finally {
      setBusy(false);
    }
  };
  const turnTo = (next: Way) => {
    setTrouble(null);
    setChoice(next);
  };
  const goTo = async (provider: string) => {
    setBusy(true);
    setTrouble(null);
    try {
      await goToProvider(provider, `${pathname}${search}`);
    } catch (error) {
      setTrouble(problemOf(error).detail);
      setBusy(false);
    }
  };

  return (
    <Card
      says={
        isToken
          ? "This server asks for its token: the value of ASSAY_TOKEN where it runs."
          : "Sign in to see the numbers."
      }
      trouble={trouble}
      action={way === null ? null : "Sign in"}
      isBusy={isBusy}
      isReady={isToken ? token !== "" : email !== "" && password !== ""}
      onSubmit={() => void submit()}
      below={ways
        .filter((each) => each !== way)
        .map((each) => (
          <Button key={each} look="ghost" onClick={() => turnTo(each)}>
            {TURN[each]}
          </Button>
        ))}
    >
      {providers.map(({ name, label }) => (
        <Button key={name} className="py-2" disabled={isBusy} onClick={() => void goTo(name)}>
          Continue with {label}
        </Button>
      ))}
      {way === null ? null : isToken ? (
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
          {code !== null && (
            <Field
              label="Code of your second factor, or a recovery code"
              name="code"
              autoComplete="one-time-code"
              autoFocus
              value={code}
              isWrong={trouble !== null}
              onText={setCode}
            />
          )}
        </>
      )}
    </Card>
  );
}
