/** The rules of a chart, in the order in which they are applied; docs/charts.md says them in words. */
import type { Context, Plan, Rule } from "../plan";
import { annotate } from "./annotate";
import { askedOthers } from "./askedOthers";
import { axisWords } from "./axisWords";
import { colour } from "./colour";
import { compare } from "./compare";
import { decimals } from "./decimals";
import { lanes } from "./lanes";
import { longList } from "./longList";
import { others } from "./others";
import { sentence } from "./sentence";
import { shares } from "./shares";
import { stackByKey } from "./stackByKey";
import { zero } from "./zero";

export const RULES: readonly Rule[] = [
  others,
  longList,
  askedOthers,
  colour,
  compare,
  shares,
  stackByKey,
  lanes,
  zero,
  decimals,
  axisWords,
  annotate,
  sentence,
];

export const ruled = (plan: Plan, context: Context): Plan =>
  RULES.reduce((held, rule) => rule(held, context), plan);
