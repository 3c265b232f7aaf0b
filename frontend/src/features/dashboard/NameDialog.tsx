import { type FormEvent, useId, useRef, useState } from "react";
import { problemOf } from "@/api/problem";
import type { Problem } from "@/api/types";
import { Button } from "@/ui/Button";
import { Dialog } from "@/ui/Dialog";
import { FIELD } from "@/ui/fields";
import { Trouble } from "@/ui/Trouble";

interface NameDialogProps {
  title: string;
  action: string;
  initial: string;
  /** Rejects with why that name did not do. */
  onName: (name: string) => Promise<void>;
  onClose: () => void;
}

/** Asks for a dashboard's name. */
export function NameDialog({ title, action, initial, onName, onClose }: NameDialogProps) {
  const form = useId();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState(initial);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      await onName(name.trim());
    } catch (error) {
      setProblem(problemOf(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={title}
      initialFocus={field}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} look="primary" disabled={!name.trim() || isBusy}>
            {action}
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="grid gap-3">
        <label className="grid gap-1">
          Name
          <input
            ref={field}
            className={FIELD}
            maxLength={80}
            value={name}
            onFocus={(event) => event.target.select()}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {problem && <Trouble sentence={problem.detail} mend={problem.mend} />}
      </form>
    </Dialog>
  );
}
