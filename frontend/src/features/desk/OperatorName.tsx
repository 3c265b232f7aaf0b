import { useState } from "react";
import { useSignedIn } from "@/api/session";
import { Button } from "@/ui/Button";
import { Popover } from "@/ui/Popover";
import { LONGEST_NAME, setYourName, UNNAMED, useYourName } from "@/ui/yourName";

/** Who decides here: whoever has signed in; where nobody does, the name that is chosen here is written under each decision. */
export function OperatorName() {
  const name = useSignedIn();
  if (name === null) return <ChosenName />;
  return (
    <span className="min-w-0 text-small text-soft [overflow-wrap:anywhere]">
      deciding as <b className="font-medium text-ink">{name}</b>
    </span>
  );
}

function ChosenName() {
  const operator = useYourName() || UNNAMED;
  const [name, setName] = useState(operator);
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover
      title="Deciding as"
      open={isOpen}
      onOpenChange={(next) => {
        setName(operator);
        setOpen(next);
      }}
      trigger={
        <button
          type="button"
          className="min-w-0 text-left text-small text-soft underline-offset-2 [overflow-wrap:anywhere] hover:underline"
        >
          deciding as <b className="font-medium text-ink">{operator}</b>
        </button>
      }
    >
      <form
        className="mt-2 flex gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          setYourName(name);
          setOpen(false);
        }}
      >
        <input
          aria-label="Name under decisions"
          value={name}
          maxLength={LONGEST_NAME}
          onChange={(event) => setName(event.target.value)}
          className="min-w-0 flex-1 rounded-lg border border-line bg-bg px-2.5 py-1 outline-none focus:border-accent"
        />
        <Button type="submit" look="primary" disabled={name.trim() === ""}>
          Keep
        </Button>
      </form>
      <p className="mt-2 text-small text-soft">
        Kept in this browser and written under what you decide. It is no sign-in.
      </p>
    </Popover>
  );
}
