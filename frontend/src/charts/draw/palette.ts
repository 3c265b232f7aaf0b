/** The colours of the theme that is shown, for what draws without CSS. */
import type { Hue } from "../plan";

export type Colour = (token: string) => string;

export const pageColour: Colour = (token) =>
  getComputedStyle(document.documentElement).getPropertyValue(token).trim();

export function hueToken(hue: Hue): string {
  if (typeof hue === "number") return `--c${hue}`;
  return hue === "accent" ? "--accent" : hue === "others" ? "--others" : "--compare";
}

export const hueVariable = (hue: Hue): string => `var(${hueToken(hue)})`;
