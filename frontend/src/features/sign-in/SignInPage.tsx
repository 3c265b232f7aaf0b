import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ProblemError, problemOf } from "@/api/problem";
import { signIn } from "@/api/session";
import { Button } from "@/ui/Button";

/** Asks for the server's token. It goes to the server once, and stays there as a cookie that no script can read. */
export function SignInPage() {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      await signIn(client, token);
    } catch (error) {
      const isWrong = error instanceof ProblemError && error.problem.status === 401;
      setTrouble(isWrong ? "This token is not the server's." : problemOf(error).detail);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid min-h-dvh place-items-center p-5">
      <form
        onSubmit={submit}
        className="grid w-full max-w-[340px] gap-4 rounded-xl border border-line bg-surface p-6 shadow-sheet"
      >
        <div>
          <h1 className="text-title font-semibold tracking-[-.01em]">Assay</h1>
          <p className="text-soft">This server asks for its token: the value of ASSAY_TOKEN where it runs.</p>
        </div>
        <label className="grid gap-1.5">
          Token
          <input
            type="password"
            name="token"
            autoComplete="current-password"
            required
            value={token}
            aria-invalid={trouble !== null}
            aria-describedby={trouble ? "sign-in-trouble" : undefined}
            onChange={(event) => setToken(event.target.value)}
            className="rounded-[7px] border border-line-strong bg-bg px-2.5 py-2 font-mono"
          />
        </label>
        {trouble && (
          <p id="sign-in-trouble" role="alert" className="text-bad">
            {trouble}
          </p>
        )}
        <Button type="submit" look="primary" disabled={isBusy || token === ""} className="py-2">
          {isBusy ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </div>
  );
}
