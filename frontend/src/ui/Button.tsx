import type { ButtonHTMLAttributes, Ref } from "react";
import { classes } from "./classes";

type Look = "plain" | "primary" | "ghost";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: Look;
  ref?: Ref<HTMLButtonElement>;
}

const LOOKS: Record<Look, string> = {
  plain: "border-line bg-surface text-ink hover:border-line-strong",
  primary: "border-ink bg-ink text-bg hover:opacity-90",
  ghost: "border-transparent bg-transparent text-soft hover:bg-sunken hover:text-ink",
};

const BUTTON =
  "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-[7px] border px-2.5 py-1 text-body whitespace-nowrap transition-colors disabled:opacity-50";

export function Button({ look = "plain", className, ...rest }: ButtonProps) {
  return <button type="button" {...rest} className={classes(BUTTON, LOOKS[look], className)} />;
}

/** An icon alone: its name is required. */
export function IconButton({ label, className, ...rest }: ButtonProps & { label: string }) {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={classes(
        "inline-grid size-7 shrink-0 place-items-center rounded-md text-faint transition-colors hover:bg-sunken hover:text-ink disabled:opacity-50 [&_svg]:size-4",
        className,
      )}
    />
  );
}
