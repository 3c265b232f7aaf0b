import type { InputHTMLAttributes, ReactNode, SubmitEventHandler } from "react";
import { Button } from "@/ui/Button";

const TROUBLE = "sign-in-trouble";

interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  isWrong: boolean;
  onText: (text: string) => void;
}

export function Field({ label, isWrong, onText, ...rest }: FieldProps) {
  return (
    <label className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      {label}
      <input
        {...rest}
        required
        aria-invalid={isWrong}
        aria-describedby={isWrong ? TROUBLE : undefined}
        onChange={(event) => onText(event.target.value)}
        className="w-full min-w-0 rounded-[7px] border border-line-strong bg-bg px-2.5 py-2 text-ellipsis read-only:text-soft"
      />
    </label>
  );
}

interface CardProps {
  says: ReactNode;
  children?: ReactNode;
  trouble: string | null;
  /** Null where there is nothing to send. */
  action: string | null;
  isBusy: boolean;
  isReady: boolean;
  onSubmit: () => void;
  below?: ReactNode;
}

/** A form alone on the page. */
export function Card({ says, children, trouble, action, isBusy, isReady, onSubmit, below }: CardProps) {
  const submit: SubmitEventHandler = (event) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <div className="grid min-h-dvh grid-cols-[minmax(0,1fr)] place-items-center p-5">
      <form
        onSubmit={submit}
        className="grid w-full max-w-[26.154rem] grid-cols-[minmax(0,1fr)] gap-4 rounded-xl border border-line bg-surface p-6 shadow-sheet"
      >
        <div>
          <h1 className="text-title font-semibold tracking-[-.01em]">Assay</h1>
          <p className="text-soft">{says}</p>
        </div>
        {children}
        {trouble && (
          <p id={TROUBLE} role="alert" className="text-bad">
            {trouble}
          </p>
        )}
        {action !== null && (
          <Button type="submit" look="primary" disabled={isBusy || !isReady} className="py-2">
            {isBusy ? "One moment…" : action}
          </Button>
        )}
        {below}
      </form>
    </div>
  );
}
