import { type KeyboardEvent, useCallback } from "react";

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** Among buttons marked `data-choice`: arrows, Home and End move, a digit picks. Enter is the button's own. */
export function useChoiceKeys() {
  return useCallback((event: KeyboardEvent<HTMLElement>) => {
    const choices = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-choice]")];
    const at = choices.indexOf(event.target as HTMLElement);
    if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS[event.key];
    const digit = Number(event.key);
    if (step !== undefined) choices[(at + step + choices.length) % choices.length]?.focus();
    else if (event.key === "Home") choices[0]?.focus();
    else if (event.key === "End") choices.at(-1)?.focus();
    else if (digit >= 1 && digit <= choices.length) choices[digit - 1]?.click();
    else return;
    event.preventDefault();
  }, []);
}
