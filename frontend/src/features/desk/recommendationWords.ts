import type { Recommendation } from "@/api/types";
import { numberOf } from "@/format/numbers";

/** The unit of what an action costs and saves: the rules are written in it. */
export const MONEY = "usd";

export const saves = (recommendation: Recommendation): boolean =>
  (numberOf(recommendation.saving_usd) ?? 0) > 0;

/** What it is about: "iPhone 14 Pro · Device screen damage · Nashville West End, TN". */
export function aboutWords({ product, issue, place, state_code: state }: Recommendation): string {
  const where = [place, state].filter(Boolean).join(", ");
  return [product, issue, where].filter(Boolean).join(" · ");
}

export function authorWords({ author, model, author_note: note }: Recommendation): {
  text: string;
  title: string;
} {
  if (author === "model") {
    return {
      text: `worded by ${model ?? "a model"}`,
      title:
        "The rules decided; a model put their reasons into words, and the words were checked against the rules.",
    };
  }
  return { text: "worded by rules", title: note ?? "The rules decided, and their own words are shown." };
}
