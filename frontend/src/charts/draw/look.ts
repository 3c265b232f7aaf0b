/** How a chart is to look that ECharts draws: its colours, its letters, how large they are. */
import type { Colour } from "./palette";

export interface Look {
  colour: Colour;
  isAnimated: boolean;
  /** Names stand at the ends of lines where there is room for them. */
  withNames: boolean;
  /** One of many on the same axes: values are told at the ends of theirs, and time beside all of them. */
  isSmall?: boolean;
  /** How wide the whole is, where that is known. */
  width?: number;
  /** How much larger than usual the reader has text. */
  zoom?: number;
}

export const FONT = "Inter Variable, sans-serif";
export const SIZE = 10.5;
/** How wide a letter is, about. */
export const LETTER = 5.6;

export const sized = (look: Look, size: number) => size * (look.zoom ?? 1);

export const write = (look: Look) => ({
  color: look.colour("--faint"),
  fontSize: sized(look, SIZE),
  fontFamily: FONT,
});
