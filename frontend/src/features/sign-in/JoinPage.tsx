import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import { choosePassword, readLink } from "@/api/session";
import { sentenceOf } from "@/widgets/sayProblem";
import { Card, Field } from "./parts";

const LEAST = 12;

/** Where a link of an invitation or of a reset leads: a password is chosen, once. What stands behind the # never travels in an address. */
export function JoinPage() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { hash } = useLocation();
  const [token, setToken] = useState(() => hash.slice(1));
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [refusal, setRefusal] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const link = useQuery({
    queryKey: ["link", token],
    queryFn: () => readLink(token),
    retry: false,
    enabled: !isBusy,
  });
  const reset = link.data?.kind === "reset";

  // It stays neither in the address nor in the way back. Another link may come to the same page.
  useEffect(() => {
    if (hash === "") return;
    setToken(hash.slice(1));
    setPassword("");
    setAgain("");
    setRefusal(null);
    navigate("/join", { replace: true });
  }, [hash, navigate]);

  const submit = async () => {
    if (password !== again) {
      setRefusal("The two passwords are not the same.");
      return;
    }
    setBusy(true);
    setRefusal(null);
    try {
      await choosePassword(client, token, password);
      navigate("/", { replace: true });
    } catch (error) {
      setRefusal(sentenceOf(error));
      // Once the password is chosen the link is used: it is not asked again on the way out.
      setBusy(false);
    }
  };

  // Nothing can be chosen under a link that is over.
  if (link.error && !link.data)
    return (
      <main>
        <Card
          says="This link cannot be opened."
          trouble={sentenceOf(link.error)}
          action={null}
          isBusy={false}
          isReady={false}
          onSubmit={() => {}}
          below={
            <Link to="/" className="text-accent underline underline-offset-2">
              Sign in
            </Link>
          }
        />
      </main>
    );
  return (
    <main>
      <Card
        says={
          reset
            ? "Choose a new password."
            : `Choose a password of ${LEAST} characters or more; four words are a good one.`
        }
        trouble={refusal}
        action={reset ? "Change the password" : "Join"}
        isBusy={isBusy}
        isReady={link.data !== undefined && password !== "" && again !== ""}
        onSubmit={() => void submit()}
      >
        {link.data && (
          <>
            <Field
              label="Email address"
              type="email"
              name="email"
              autoComplete="username"
              readOnly
              value={link.data.email}
              title={link.data.email}
              isWrong={false}
              onText={() => {}}
            />
            <Field
              label="Password"
              type="password"
              name="new-password"
              autoComplete="new-password"
              value={password}
              isWrong={refusal !== null}
              onText={setPassword}
            />
            <Field
              label="The same again"
              type="password"
              name="new-password-again"
              autoComplete="new-password"
              value={again}
              isWrong={refusal !== null}
              onText={setAgain}
            />
          </>
        )}
      </Card>
    </main>
  );
}
