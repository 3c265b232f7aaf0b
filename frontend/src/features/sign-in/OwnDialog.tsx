import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, useEffect, useId, useState } from "react";
import { problemOf } from "@/api/problem";
import { beginFactor, changePassword, removeFactor, setFactor } from "@/api/session";
import type { FactorBegun } from "@/api/types";
import { Button } from "@/ui/Button";
import { CopyButton } from "@/ui/CopyButton";
import { Dialog } from "@/ui/Dialog";
import { sentenceOf } from "@/widgets/sayProblem";
import { Field } from "./parts";

export type OwnTask = "password" | "set" | "remove";

const TITLES: Record<OwnTask, string> = {
  password: "Change your password",
  set: "Set a second factor",
  remove: "Remove the second factor",
};
const ACTIONS: Record<OwnTask, string> = { password: "Change it", set: "Set it", remove: "Remove it" };

/** What people do about their own sign-in: another password, a second factor and its end. */
export function OwnDialog({ task, onClose }: { task: OwnTask; onClose: () => void }) {
  const client = useQueryClient();
  const form = useId();
  const [password, setPassword] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const [code, setCode] = useState("");
  const [begun, setBegun] = useState<FactorBegun | null>(null);
  const [recovery, setRecovery] = useState<string[] | null>(null);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  useEffect(() => {
    if (task !== "set") return;
    beginFactor().then(setBegun, (error) => setTrouble(problemOf(error).detail));
  }, [task]);

  const send = async () => {
    if (task === "password") await changePassword(client, { password, new_password: fresh });
    if (task === "remove") await removeFactor(client, { password, code });
    if (task !== "set" || begun === null) return onClose();
    setRecovery(await setFactor(client, { password, code, secret: begun.secret }));
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (task === "password" && fresh !== again) {
      setTrouble("The two passwords are not the same.");
      return;
    }
    setBusy(true);
    setTrouble(null);
    try {
      await send();
    } catch (error) {
      setTrouble(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const isWrong = trouble !== null;

  if (recovery !== null)
    return (
      <Dialog
        open
        onClose={onClose}
        title="Keep these codes"
        footer={<Button onClick={onClose}>I have kept them</Button>}
      >
        <p>Each of them signs you in once when your phone is lost. They are shown this once.</p>
        <ul className="my-3 grid gap-1 font-mono">
          {recovery.map((each) => (
            <li key={each}>{each}</li>
          ))}
        </ul>
        <CopyButton text={recovery.join("\n")} label="Copy the codes" />
      </Dialog>
    );
  return (
    <Dialog
      open
      onClose={onClose}
      title={TITLES[task]}
      footer={
        <Button
          type="submit"
          form={form}
          look="primary"
          disabled={isBusy || (task === "set" && begun === null)}
        >
          {isBusy ? "One moment…" : ACTIONS[task]}
        </Button>
      }
    >
      <form
        id={form}
        onSubmit={(event) => void submit(event)}
        className="grid grid-cols-[minmax(0,1fr)] gap-4"
      >
        {task === "set" && begun && (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
            <p>Scan this code with the authenticator app on your phone, or type the secret into it.</p>
            {/* Black on white in a dark theme too: cameras read nothing else. */}
            <img
              src={begun.picture}
              alt="The secret, as a code to scan"
              className="w-44 max-w-full rounded p-2"
              style={{ background: "#fff", forcedColorAdjust: "none" }}
            />
            <code className="break-all">{begun.secret}</code>
          </div>
        )}
        <Field
          label={task === "password" ? "Current password" : "Password"}
          type="password"
          autoComplete="current-password"
          value={password}
          isWrong={isWrong}
          onText={setPassword}
        />
        {task === "password" ? (
          <>
            <Field
              label="New password"
              type="password"
              autoComplete="new-password"
              value={fresh}
              isWrong={isWrong}
              onText={setFresh}
            />
            <Field
              label="The same again"
              type="password"
              autoComplete="new-password"
              value={again}
              isWrong={isWrong}
              onText={setAgain}
            />
          </>
        ) : (
          <Field
            label={task === "set" ? "Code from the app" : "Code, or a recovery code"}
            autoComplete="one-time-code"
            value={code}
            isWrong={isWrong}
            onText={setCode}
          />
        )}
        {trouble && (
          <p id="sign-in-trouble" role="alert" className="text-bad">
            {trouble}
          </p>
        )}
      </form>
    </Dialog>
  );
}
